package io.howdah.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Ack;
import io.howdah.Howdah;
import io.howdah.LetterFilter;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.examples.Pipelines.Measurement;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@HowdahTest
class PipelineExamplesTest {

  private static final Measurement WARM = new Measurement("a", 20);
  private static final Measurement IMPOSSIBLE = new Measurement("b", -300);

  private final DataSource dataSource;

  PipelineExamplesTest(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @Test
  void measurementsAreCheckedAndStored() throws Exception {
    BlockingQueue<Measurement> stored = new ArrayBlockingQueue<>(10);
    try (Howdah howdah = Howdah.open(dataSource);
        Worker worker = Pipelines.work(howdah, Pipelines.storing(stored::addAll))) {
      Queue<Measurement> queue = howdah.queue("measurements", Measurement.class);
      queue.publishAll(List.of(WARM, IMPOSSIBLE));
      assertThat(stored.poll(30, TimeUnit.SECONDS)).as("%s", worker.stats()).isEqualTo(WARM);
      until(() -> worker.stats().done() == 1 && worker.stats().rejected() == 1);
      assertThat(queue.deadLetters().list(LetterFilter.all(), 0, 10)).singleElement()
          .satisfies(letter -> assertThat(letter.failure().reason()).isEqualTo("colder than possible"));
    }
  }

  @Test
  void theSameIsKnownWithoutADatabase() {
    assertThat(Pipelines.trial(Pipelines.storing(measurements -> {
    }), List.of(WARM, IMPOSSIBLE))).containsExactly(Ack.done(), Ack.reject());
  }

  @Test
  void whatFailsThreeTimesIsArchived(TestClock clock) throws Exception {
    BlockingQueue<Integer> attempts = new ArrayBlockingQueue<>(10);
    try (Howdah howdah = Howdah.open(dataSource); Worker worker = Pipelines.threeAttempts(howdah, message -> {
      attempts.add(message.attempt());
      throw new IllegalStateException("on purpose");
    })) {
      Queue<Measurement> queue = howdah.queue("three-attempts", Measurement.class);
      queue.publish(WARM);
      for (int attempt = 1; attempt <= 3; attempt++) {
        assertThat(attempts.poll(30, TimeUnit.SECONDS)).as("%s", worker.stats()).isEqualTo(attempt);
        int failures = Math.min(attempt, 2);
        until(() -> worker.stats().retried() == failures);
        clock.advance(Duration.ofSeconds(31));
        worker.wake();
      }
      until(() -> worker.stats().archived() == 1);
      assertThat(queue.archive().count(LetterFilter.all())).isEqualTo(1);
      assertThat(Pipelines.builtIn(howdah).retryPolicy().maxAttempts()).isEqualTo(3);
    }
  }

  private static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }
}
