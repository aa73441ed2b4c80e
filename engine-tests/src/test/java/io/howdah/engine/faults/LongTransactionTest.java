package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A transaction that has written stays open for long, and messages of others flow as if it were not there. Each message is published,
 * awaited at the consumer, and only then followed by the next, so every one of them has arrived before the long transaction ends.
 *
 * <p>The transaction lasts 2 s; with {@code -Dhowdah.long=true} it lasts 60 s.
 */
@HowdahTest
@SuppressWarnings("try") // publishers and workers do their work by being open
class LongTransactionTest {
  private static final Duration HOLD = Duration.ofSeconds(Boolean.getBoolean("howdah.long") ? 60 : 2);
  private static final int MESSAGES_BEFORE = 200;

  private final TestDatabase database;
  private final LinkedBlockingQueue<String> arrived = new LinkedBlockingQueue<>();

  LongTransactionTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void aPublisherThatCommitsLateDelaysNothingButItsOwnMessages() throws InterruptedException {
    try (Howdah howdah = Howdah.open(database.dataSource()); Session holder = database.session("holder")) {
      Queue<Json> queue = howdah.queue("same-database").create();
      try (Worker worker = consume(queue)) {
        Latencies before = flow(queue, "before", Duration.ZERO);
        holder.begin().execute("select howdah.publish('same-database', '\"late\"')");
        Latencies during = flow(queue, "during", HOLD);
        assertThat(arrived).isEmpty();
        holder.commit();
        assertThat(next()).isEqualTo("\"late\"");
        during.assertLike(before);
      }
    }
  }

  @Test
  void aTransactionThatWasPreparedAndForgottenDelaysNothingButItsOwnMessages() throws InterruptedException {
    try (Howdah howdah = Howdah.open(database.dataSource()); Session holder = database.session("coordinator")) {
      Queue<Json> queue = howdah.queue("prepared").create();
      try (Worker worker = consume(queue)) {
        Latencies before = flow(queue, "before", Duration.ZERO);
        holder.begin().execute("select howdah.publish('prepared', '\"late\"')");
        holder.prepare("forgotten");
        Latencies during = flow(queue, "during", HOLD);
        assertThat(arrived).isEmpty();
        holder.commitPrepared("forgotten");
        assertThat(next()).isEqualTo("\"late\"");
        during.assertLike(before);
      }
    }
  }

  @Test
  void aWriterInAnotherDatabaseOfTheServerDelaysNothing() throws InterruptedException {
    try (TestDatabase other = database.server().createDatabase();
        Howdah howdah = Howdah.open(database.dataSource());
        Session holder = other.session("holder")) {
      other.query("select howdah.create_queue('elsewhere')");
      Queue<Json> queue = howdah.queue("other-database").create();
      try (Worker worker = consume(queue)) {
        Latencies before = flow(queue, "before", Duration.ZERO);
        holder.begin().execute("select howdah.publish('elsewhere', '\"late\"')");
        Latencies during = flow(queue, "during", HOLD);
        holder.commit();
        during.assertLike(before);
        assertThat(other.number("select count(*) from howdah.claim('elsewhere', 10)")).isEqualTo(1);
      }
    }
  }

  private Worker consume(Queue<Json> queue) {
    return queue.consume(delivery -> {
      arrived.add(delivery.rawPayload());
      return Outcome.done();
    });
  }

  private String next() throws InterruptedException {
    String payload = arrived.poll(10, TimeUnit.SECONDS);
    assertThat(payload).as("a message within 10 s").isNotNull();
    return payload;
  }

  /** One message after the other, at least so many and for at least so long; how long each took to arrive. */
  private Latencies flow(Queue<Json> queue, String name, Duration atLeast) throws InterruptedException {
    long end = System.nanoTime() + atLeast.toNanos();
    List<Long> nanos = new ArrayList<>();
    while (nanos.size() < MESSAGES_BEFORE || System.nanoTime() < end) {
      String payload = "\"" + name + nanos.size() + "\"";
      long start = System.nanoTime();
      queue.publish(new Json(payload));
      assertThat(next()).isEqualTo(payload);
      nanos.add(System.nanoTime() - start);
    }
    return Latencies.of(nanos);
  }

  /** Sorted times from publish to arrival. */
  private record Latencies(List<Long> nanos) {
    /** What a busy machine may add at any time to any message; a stall behind the long transaction would last for all of it. */
    private static final long NOISE = TimeUnit.MILLISECONDS.toNanos(50);

    static Latencies of(List<Long> nanos) {
      return new Latencies(nanos.stream().sorted().toList());
    }

    long at(double share) {
      return nanos.get((int) ((nanos.size() - 1) * share));
    }

    void assertLike(Latencies before) {
      assertThat(at(0.5)).as("median").isLessThan(before.at(0.5) * 3 + NOISE);
      assertThat(at(0.99)).as("99th percentile").isLessThan(before.at(0.99) * 3 + 4 * NOISE);
    }
  }
}
