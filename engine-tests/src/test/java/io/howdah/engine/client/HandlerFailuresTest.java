package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
