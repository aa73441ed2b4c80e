package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.FailureOptions;
import io.howdah.FailureOptions.Undecodable;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A payload that the consumer's codec cannot read becomes a dead letter at once, and its neighbours are delivered. */
@HowdahTest
class UndecodableTest {
  private static final String SECRET = "{\"secret\": true}";

  private final TestDatabase database;
  private final Howdah howdah;

  UndecodableTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Queue<Integer> oneBadAmongTen(String name) {
    Queue<Json> raw = howdah.queue(name).create();
    for (int i = 1; i <= 10; i++) {
      raw.publish(new Json(i == 5 ? SECRET : Integer.toString(i)));
    }
    return howdah.queue(name, Integer.class);
  }

  @Test
  void ofAHandlerThatTakesOneByOne() {
    Queue<Integer> numbers = oneBadAmongTen("single");
    AtomicLong sum = new AtomicLong();
    try (Worker worker = numbers.consume(delivery -> {
      sum.addAndGet(delivery.payload());
      return done();
    })) {
      Eventually.is("all are settled", () -> worker.stats().done() == 9 && worker.stats().rejected() == 1);
    }
    assertThat(sum.get()).isEqualTo(50);
    assertBuried("single");
  }

  @Test
  void ofAHandlerThatTakesBatches() {
    Queue<Integer> numbers = oneBadAmongTen("batches");
    AtomicLong sum = new AtomicLong();
    try (Worker worker = numbers.consumeBatches(batch -> {
      sum.addAndGet(batch.stream().mapToInt(Delivery::payload).sum());
      return Outcomes.done();
    })) {
      Eventually.is("all are settled", () -> worker.stats().done() == 9 && worker.stats().rejected() == 1);
    }
    assertThat(sum.get()).isEqualTo(50);
    assertBuried("batches");
  }

  private void assertBuried(String queue) {
    assertThat(database.text("""
        select reason || ' ' || attempts || ' ' || payload from howdah.dead_letter
        where sub = (select id from howdah.subscription where name = ?)""", queue))
        .isEqualTo("undecodable 1 " + SECRET);
    assertThat(database.text("""
        select error from howdah.dead_letter where sub = (select id from howdah.subscription where name = ?)""", queue))
        .contains("cannot be decoded").doesNotContain("secret");
  }

  @Test
  void itIsRetriedWhereThatIsAskedFor() {
    Queue<Integer> numbers = oneBadAmongTen("retried");
    WorkerOptions options = WorkerOptions.defaults()
        .withFailures(FailureOptions.defaults().withUndecodable(Undecodable.RETRY));
    try (Worker worker = numbers.consume(delivery -> delivery.payload() > 0 ? done() : null, options)) {
      Eventually.is("all are answered", () -> worker.stats().done() == 9 && worker.stats().retried() >= 1);
    }
    assertThat(numbers.stats().dead()).isZero();
  }

  @Test
  void whoClaimsByHandIsToldByTheCode() {
    howdah.queue("by-hand").create().publish(new Json(SECRET));
    try (Batch<Integer> batch = howdah.queue("by-hand", Integer.class).claim(1, Duration.ofSeconds(30))) {
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> batch.deliveries().getFirst().payload())
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNDECODABLE)).withMessageContaining("rawPayload()")
          .withMessageNotContaining("secret");
    }
  }
}
