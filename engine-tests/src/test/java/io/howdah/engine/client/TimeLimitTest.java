package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.TimeLimit;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class TimeLimitTest {

  private static final WorkerOptions ONE_HAND = WorkerOptions.defaults().withConcurrency(1)
      .withTimeLimit(Duration.ofMillis(200));

  private final TestDatabase database;
  private final Howdah howdah;

  TimeLimitTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private String lastReason(String queue) {
    return database.text("select reason from howdah.due where sub = (select id from howdah.subscription where "
        + "name = '" + queue + "')");
  }

  @Test
  void aHandlerThatSleepsIsInterruptedAndItsMessageRetriedAsATimeout() throws InterruptedException {
    Queue<Json> queue = howdah.queue("sleeps").create();
    queue.publishAll(List.of(new Json("0"), new Json("1")));
    BlockingQueue<Throwable> ends = new LinkedBlockingQueue<>();
    try (Worker worker = queue.consume(delivery -> {
      if (delivery.rawPayload().equals("0")) {
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          ends.add(e);
        }
      }
      return done();
    }, ONE_HAND)) {
      assertThat(ends.poll(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
      Eventually.is("the next is done by the same hand", () -> worker.stats().done() == 1);
      Eventually.is("the first is retried", () -> worker.stats().retried() == 1);
      assertThat(lastReason("sleeps")).isEqualTo("timeout");
      assertThat(worker.stats().timeouts()).isEqualTo(1);
      Eventually.is("nobody is stuck", () -> worker.stats().stuck() == 0);
    }
  }

  @Test
  void aStatementOfOursIsCancelledAndItsConnectionLivesOn() throws InterruptedException {
    howdah.queue("slow-target").create();
    Queue<Json> queue = howdah.queue("sql").create();
    BlockingQueue<HowdahException> ends = new LinkedBlockingQueue<>();
    try (Session blocker = database.session("blocker").begin(); Worker worker = queue.consume(delivery -> {
      if (delivery.attempt() > 1) {
        return done();
      }
      try {
        howdah.queue("slow-target").drop(true); // waits for the lock that the blocker holds
      } catch (HowdahException e) {
        ends.add(e);
        throw e;
      }
      return done();
    }, ONE_HAND)) {
      blocker.execute("select from howdah.stream where name = 'slow-target' for update");
      queue.publish(new Json("1"));
      HowdahException end = ends.poll(20, TimeUnit.SECONDS);
      assertThat(end).as("%s", worker.stats()).isNotNull();
      assertThat(end.code()).isEqualTo(ErrorCode.TIMEOUT);
      Eventually.is("it is retried, and done", () -> worker.stats().done() == 1);
      assertThat(worker.stats().timeouts()).isEqualTo(1);
      assertThat(worker.stats().outages()).isZero();
    }
  }

  @Test
  void aHandlerThatIgnoresEverythingIsShownAndItsLateAnswerChangesNothing() {
    Queue<Json> queue = howdah.queue("ignores").create();
    queue.publishAll(List.of(new Json("0"), new Json("1")));
    CountDownLatch finish = new CountDownLatch(1);
    AtomicInteger late = new AtomicInteger();
    WorkerOptions options = ONE_HAND
        .withTimeLimit(TimeLimit.of(Duration.ofMillis(100)).withAbandonAfter(Duration.ofMillis(100)));
    try (Worker worker = queue.consume(delivery -> {
      while (delivery.rawPayload().equals("0") && delivery.attempt() == 1 && finish.getCount() > 0) {
        try {
          finish.await();
          late.incrementAndGet();
        } catch (InterruptedException e) {
          continue; // that is the point
        }
      }
      return done();
    }, options)) {
      Eventually.is("another hand does the next", () -> worker.stats().done() >= 1);
      assertThat(worker.stats().timeouts()).isEqualTo(1);
      assertThat(worker.stats().stuck()).isEqualTo(1);
      Eventually.is("it is retried while it still runs", () -> worker.stats().retried() == 1);
      finish.countDown();
      Eventually.is("it has come back", () -> worker.stats().stuck() == 0 && late.get() == 1);
      Eventually.is("the retry is done, once", () -> worker.stats().done() == 2);
      assertThat(worker.stats().lapsed()).isZero();
      assertThat(queue.stats().ready() + queue.stats().inFlight() + queue.stats().scheduled()).isZero();
    }
  }

  @Test
  void aBatchThatTakesTooLongFailsAsAWhole() {
    Queue<Json> queue = howdah.queue("batch").create();
    queue.publishAll(List.of(new Json("0"), new Json("1"), new Json("2")));
    try (Worker worker = queue.consumeBatches(batch -> {
      if (batch.getFirst().attempt() == 1) {
        new CountDownLatch(1).await();
      }
      return Outcomes.done();
    }, ONE_HAND)) {
      Eventually.is("all are retried", () -> worker.stats().retried() == 3);
      assertThat(worker.stats().timeouts()).isPositive();
      Eventually.is("and done", () -> worker.stats().done() == 3);
    }
  }
}
