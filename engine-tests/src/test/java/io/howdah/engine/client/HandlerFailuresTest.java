package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.FailureOptions;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.WorkerState;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class HandlerFailuresTest {

  private final TestDatabase database;
  private final TestClock clock;
  private final Howdah howdah;

  HandlerFailuresTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
    clock.reset();
  }

  @Test
  void handlerExceptionComesBackWithBackOff() throws InterruptedException {
    Queue<Json> queue = howdah.queue("exception").create();
    BlockingQueue<Integer> attempts = new LinkedBlockingQueue<>();
    try (Worker worker = queue.consume(delivery -> {
      attempts.add(delivery.attempt());
      if (delivery.attempt() < 3) {
        throw new IllegalStateException("the warehouse is closed");
      }
      return done();
    })) {
      queue.publish(new Json("1"));
      assertThat(attempts.poll(20, TimeUnit.SECONDS)).isEqualTo(1);
      Eventually.is("it is scheduled again", () -> queue.stats().scheduled() == 1);
      double seconds = Double
          .parseDouble(database.text("select extract(epoch from howdah.next_due('exception') - howdah.now())"));
      assertThat(seconds).isBetween(0.0, 1.2);
      clock.advance(Duration.ofSeconds(2));
      assertThat(attempts.poll(20, TimeUnit.SECONDS)).isEqualTo(2);
      clock.advance(Duration.ofSeconds(4));
      assertThat(attempts.poll(20, TimeUnit.SECONDS)).isEqualTo(3);
      Eventually.is("it is done", () -> worker.stats().done() == 1);
      assertThat(worker.stats().failures()).isEqualTo(2);
      assertThat(worker.stats().retried()).isEqualTo(2);
    }
  }

  @Test
  void anErrorAndANullAnswerAreFailuresToo() {
    Queue<Json> queue = howdah.queue("errors").create();
    queue.publish(new Json("0"));
    queue.publish(new Json("1"));
    queue.publish(new Json("2"));
    try (Worker worker = queue.consume(delivery -> {
      if (delivery.rawPayload().equals("0")) {
        throw new AssertionError("on purpose: a handler that fails with an error");
      }
      return delivery.rawPayload().equals("1") ? null : done();
    })) {
      Eventually.is("the good one is done, the others are retried",
          () -> worker.stats().done() == 1 && worker.stats().retried() >= 2);
    }
  }

  private static final class Unreadable extends Error {
    @Override
    public String getMessage() {
      throw new IllegalStateException("on purpose");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("on purpose");
    }
  }

  @Test
  void errorsThatCannotBeReadEndNoThreadOfTheWorker() {
    Queue<Json> queue = howdah.queue("unreadable").create(RetryPolicy.none().withMaxAttempts(2));
    queue.publishAll(IntStream.range(0, 10).mapToObj(i -> new Json("" + i)).toList());
    WorkerOptions two = WorkerOptions.defaults().withConcurrency(2)
        .withFailures(FailureOptions.defaults().withBackoff((attempt, e) -> {
          throw new Unreadable();
        }));
    try (Worker worker = queue.consume(delivery -> {
      if (Integer.parseInt(delivery.rawPayload()) < 4) {
        throw new Unreadable();
      }
      return done();
    }, two)) {
      Eventually.is("the others are done", () -> worker.stats().done() == 6);
      Eventually.is("four are dead", () -> queue.stats().dead() == 4);
    }
    assertThat(queue.deadLetters().list(LetterFilter.all(), 0, 10))
        .allSatisfy(letter -> assertThat(letter.failure().error()).startsWith(Unreadable.class.getName()));
  }

  @Test
  void theStackTraceAndTheCausesOfAnExceptionAreKept() {
    Queue<Json> queue = howdah.queue("traced").create(RetryPolicy.none().withMaxAttempts(1));
    queue.publish(new Json("1"));
    try (Worker worker = queue.consume(delivery -> {
      throw new IllegalStateException("no stock", new IllegalArgumentException("shelf 7"));
    })) {
      Eventually.is("it is dead", () -> queue.stats().dead() == 1);
      assertThat(worker.stats().failures()).isEqualTo(1);
    }
    assertThat(queue.deadLetters().list(LetterFilter.all(), 0, 1).getFirst().failure().error())
        .startsWith("java.lang.IllegalStateException: no stock\n\tat ").contains("HandlerFailuresTest")
        .contains("\nCaused by: java.lang.IllegalArgumentException: shelf 7");
  }

  @Test
  void aBatchWhoseOutcomesNameAnotherBatchFails() {
    Queue<Json> queue = howdah.queue("named").create(RetryPolicy.none().withMaxAttempts(1));
    queue.publish(new Json("1"));
    Outcomes foreign = new Outcomes(done(), Map.of(4_711L, Outcome.reject("no")));
    try (Worker worker = queue.consumeBatches(batch -> foreign)) {
      Eventually.is("it is dead", () -> queue.stats().dead() == 1);
      assertThat(worker.stats().done()).isZero();
    }
    assertThat(queue.deadLetters().list(LetterFilter.all(), 0, 1).getFirst().failure().error())
        .contains("position 4711");
  }

  @Test
  void aWorkerMayBeDrainedAndClosedWithAllTheTimeThereIs() {
    Queue<Json> queue = howdah.queue("patient").create();
    Worker worker = queue.consume(delivery -> done());
    Duration forever = Duration.ofSeconds(Long.MAX_VALUE);
    assertThat(worker.drain(forever)).isTrue();
    worker.close(forever);
    assertThat(worker.state()).isEqualTo(WorkerState.CLOSED);
  }

  @Test
  void leaseIsRenewedWhileTheHandlerRuns() throws InterruptedException {
    Queue<Json> queue = howdah.queue("renewed").create();
    queue.publish(new Json("1"));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    WorkerOptions options = WorkerOptions.defaults().withLease(Duration.ofMillis(1_500));
    try (Worker worker = queue.consume(delivery -> {
      started.countDown();
      finish.await(20, TimeUnit.SECONDS);
      return done();
    }, options)) {
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
      long first = deadline("renewed");
      Eventually.is("the lease has been renewed well beyond the first", () -> deadline("renewed") > first + 2_000);
      finish.countDown();
      Eventually.is("it is done", () -> worker.stats().done() == 1);
      assertThat(worker.stats().lapsed()).isZero();
    }
  }

  /** When the lease lapses, in milliseconds. */
  private long deadline(String queue) {
    return database.number("select (extract(epoch from howdah.next_lapse(?)) * 1000)::bigint", queue);
  }

  @Test
  void afterALapsedLeaseWhatIsNotStartedIsDroppedAndNothingIsSettledTwice() throws InterruptedException {
    Queue<Json> queue = howdah.queue("lapse").create();
    for (int i = 0; i < 3; i++) {
      queue.publish(new Json("1"));
    }
    BlockingQueue<Integer> attempts = new LinkedBlockingQueue<>();
    CountDownLatch finish = new CountDownLatch(1);
    WorkerOptions options = WorkerOptions.defaults().withConcurrency(1).withFetch(16).withLease(Duration.ofSeconds(3));
    try (Worker worker = queue.consumeBatches(batch -> {
      attempts.add(batch.getFirst().attempt());
      if (batch.getFirst().attempt() == 1) {
        finish.await(20, TimeUnit.SECONDS);
      }
      return io.howdah.Outcomes.done();
    }, options)) {
      assertThat(attempts.poll(20, TimeUnit.SECONDS)).isEqualTo(1);
      clock.advance(Duration.ofMinutes(1));
      var taken = new java.util.concurrent.atomic.AtomicInteger();
      Eventually.is("somebody else has them",
          () -> taken.addAndGet(queue.claim(3, Duration.ofHours(1)).size()) == 3 || worker.stats().lapsed() > 0);
      finish.countDown();
      Eventually.is("the worker knows", () -> worker.stats().lapsed() == 3);
      assertThat(worker.stats().done()).isZero();
    }
  }
}
