package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Ordering;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Processes come and go, one of them is killed, and the order of a key is never broken. Leases are so long that none runs out however slow
 * the machine is; the clock is moved when the first process is dead, so far that only its leases are over.
 */
@HowdahTest
class OrderedFleetTest {
  private static final String QUEUE = "fleet";
  private static final int KEYS = 10;
  private static final Duration LEASE_OF_FIRST = Duration.ofMinutes(20);
  private static final Duration LEASE_OF_OTHERS = Duration.ofHours(1);

  private final TestDatabase database;

  OrderedFleetTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void theOrderOfAKeyHoldsWhileProcessesAreAddedAndKilled() throws Exception {
    List<Process> consumers = new ArrayList<>();
    database.query("""
        create table handled (no bigserial, key text not null, number int not null, attempt int not null,
          began timestamptz not null default clock_timestamp(), ended timestamptz)""");
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue(QUEUE).create(Ordering.byKey(), RetryPolicy.fixed(Duration.ofMillis(100)));
      publish(queue, 0, 100);
      consumers.add(start("first", LEASE_OF_FIRST));
      eventually(20);
      consumers.add(start("second", LEASE_OF_OTHERS));
      consumers.add(start("third", LEASE_OF_OTHERS));
      publish(queue, 100, 300);
      eventually(120);
      kill(consumers.getFirst());
      database.clock().advance(LEASE_OF_FIRST.plusMinutes(1));
      publish(queue, 300, 400);
      eventually(400);
    } finally {
      consumers.forEach(each -> each.toHandle().destroyForcibly());
    }
    assertThat(database.texts("""
        select key || ' ' || before || ' ' || number
        from (select *, max(number) over (partition by key order by no rows between unbounded preceding and 1 preceding)
          as before from handled) h
        where attempt = 1 and number < before""")).as("first deliveries behind a later message").isEmpty();
    assertThat(database.texts("""
        select concat_ws(' ', key, number, attempt)
        from (select *, lag(ended) over (partition by key order by no) as before from handled) h
        where began < before""")).as("calls that began before the one before was over").isEmpty();
  }

  private static void publish(Queue<Json> queue, int from, int to) {
    queue.publishAllMessages(IntStream.range(from, to)
        .mapToObj(i -> Message.of(new Json(Integer.toString(i))).withKey("k" + i % KEYS)).toList());
  }

  private void eventually(int handled) {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (database.number("select count(distinct number) from handled where ended is not null") < handled) {
      assertThat(System.nanoTime()).as("%s are handled", handled).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** Returns when nothing of it goes on, not even a statement that was under way. */
  private void kill(Process first) throws InterruptedException {
    first.toHandle().destroyForcibly();
    assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
    Patience.until("the end of its last statement",
        () -> database.number("select count(*) from pg_stat_activity where application_name = 'first'") == 0);
  }

  private Process start(String name, Duration lease) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1", "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"),
        "-cp", System.getProperty("java.class.path"), OrderedFleetTest.class.getName(), name, lease.toString());
    builder.environment().put("HOWDAH_DB", database.url());
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Arguments: name, lease. A consumer, some of whose calls fail. Ends when its standard input does, so that it never outlives the test. */
  public static void main(String[] arguments) throws IOException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(System.getenv("HOWDAH_DB"));
    dataSource.setApplicationName(arguments[0]);
    Howdah howdah = Howdah.open(dataSource);
    howdah.queue(QUEUE).consume(delivery -> {
      int number = Integer.parseInt(delivery.rawPayload());
      try (var connection = dataSource.getConnection();
          var insert = connection
              .prepareStatement("insert into handled (key, number, attempt) values (?, ?, ?) returning no");
          var update = connection.prepareStatement("update handled set ended = clock_timestamp() where no = ?")) {
        insert.setString(1, delivery.key());
        insert.setInt(2, number);
        insert.setInt(3, delivery.attempt());
        try (var row = insert.executeQuery()) {
          row.next();
          update.setLong(1, row.getLong(1));
        }
        update.executeUpdate();
      }
      return number % 50 == 7 && delivery.attempt() == 1 ? Outcome.retry("once") : Outcome.done();
    }, WorkerOptions.defaults().withConcurrency(4).withFetch(30).withLease(Duration.parse(arguments[1])));
    while (System.in.read() >= 0) {
      // nothing is sent
    }
    Runtime.getRuntime().halt(0);
  }
}
