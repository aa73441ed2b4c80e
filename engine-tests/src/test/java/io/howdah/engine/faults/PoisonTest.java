package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.Json;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** One message among a hundred ends the JVM of whoever handles it. */
@HowdahTest
class PoisonTest {
  private static final String QUEUE = "poisoned";
  private static final String POISON = "42";
  private static final int CONSUMERS = 3;
  private static final int ATTEMPTS = 8;

  private final TestDatabase database;

  PoisonTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void theOthersAreHandledAndItBecomesADeadLetter() throws Exception {
    List<Process> consumers = new ArrayList<>();
    int deaths = 0;
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue(QUEUE)
          .create(RetryPolicy.fixed(Duration.ofSeconds(1)).withJitter(1).withMaxAttempts(ATTEMPTS));
      queue.publishAll(IntStream.rangeClosed(1, 100).mapToObj(i -> new Json(Integer.toString(i))).toList());
      database.query("create table handled (message text not null)");
      for (int i = 0; i < CONSUMERS; i++) {
        consumers.add(start());
      }
      long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (queue.stats().dead() == 0
          || queue.stats().ready() + queue.stats().inFlight() + queue.stats().scheduled() > 0) {
        assertThat(System.nanoTime()).as("it takes too long: %s", queue.stats()).isLessThan(deadline);
        for (int i = 0; i < CONSUMERS; i++) {
          if (consumers.get(i).waitFor(5, TimeUnit.MILLISECONDS)) {
            deaths++;
            consumers.set(i, start());
          }
        }
      }
      assertThat(queue.stats().dead()).isEqualTo(1);
    } finally {
      consumers.forEach(each -> each.toHandle().destroyForcibly());
    }
    assertThat(database.texts("select payload || ' ' || reason from howdah.dead_letters(?)", QUEUE))
        .containsExactly(POISON + " lapsed");
    assertThat(database.texts("select message from handled group by message order by message::int"))
        .isEqualTo(IntStream.rangeClosed(1, 100).filter(i -> i != 42).mapToObj(Integer::toString).toList());
    assertThat(deaths).as("consumers that died of it").isBetween(2, ATTEMPTS);
  }

  private Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1", "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"),
        "-cp", System.getProperty("java.class.path"), PoisonTest.class.getName());
    builder.environment().put("HOWDAH_DB", database.url());
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** A consumer. Ends when its standard input does, so that it never outlives the test, or by the poison. */
  public static void main(String[] arguments) throws IOException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(System.getenv("HOWDAH_DB"));
    Howdah howdah = Howdah.open(dataSource);
    howdah.queue(QUEUE).consume(delivery -> {
      if (delivery.rawPayload().equals(POISON)) {
        Runtime.getRuntime().halt(1);
      }
      try (var connection = dataSource.getConnection();
          var insert = connection.prepareStatement("insert into handled values (?)")) {
        insert.setString(1, delivery.rawPayload());
        insert.executeUpdate();
      }
      return Outcome.done();
    }, WorkerOptions.defaults().withConcurrency(4).withFetch(50).withLease(Duration.ofSeconds(1)));
    while (System.in.read() >= 0) {
      // nothing is sent
    }
    Runtime.getRuntime().halt(0);
  }
}
