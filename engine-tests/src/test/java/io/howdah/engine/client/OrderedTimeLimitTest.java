package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.BlockedKey;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Ordering;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.TimeLimit;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** In an order the next attempt waits for a handler whose time is over; and what operators decide is seen at once. */
@HowdahTest
class OrderedTimeLimitTest {

  private static final TimeLimit SHORT = TimeLimit.of(Duration.ofMillis(100));

  private final Howdah howdah;

  OrderedTimeLimitTest(TestDatabase database) {
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Queue<Json> queue(String name, RetryPolicy policy) {
    Queue<Json> queue = howdah.queue(name).create(Ordering.byKey(), policy);
    queue.publishAllMessages(List.of(Message.of(new Json("1")).withKey("a"), Message.of(new Json("2")).withKey("a")));
    return queue;
  }

  /** Comes back only when the latch is open, whatever happens. */
  private static void ignore(CountDownLatch finish) {
    while (finish.getCount() > 0) {
      try {
        finish.await();
      } catch (InterruptedException e) {
        continue; // that is the point
      }
    }
  }

  @Test
  void theNextAttemptWaitsForAHandlerThatIgnoresItsInterruption() {
    Queue<Json> queue = queue("waits", RetryPolicy.none());
    CountDownLatch finish = new CountDownLatch(1);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    List<String> handled = new CopyOnWriteArrayList<>();
    try (Worker worker = queue.consume(delivery -> {
      overlaps.addAndGet(running.getAndIncrement());
      handled.add(delivery.rawPayload() + "/" + delivery.attempt());
      if (handled.size() == 1) {
        ignore(finish);
      }
      running.decrementAndGet();
      return done();
    }, WorkerOptions.defaults().withTimeLimit(SHORT.withAbandonAfter(Duration.ofMinutes(1))))) {
      Eventually.is("its time is over", () -> worker.stats().timeouts() == 1);
      queue.publish(Message.of(new Json("3")).withKey("b"));
      Eventually.is("others are handled", () -> worker.stats().done() == 1);
      assertThat(handled).containsExactly("1/1", "3/1");
      assertThat(worker.stats().retried()).isZero();
      finish.countDown();
      Eventually.is("all are done", () -> worker.stats().done() == 3);
    }
    assertThat(handled).containsExactly("1/1", "3/1", "1/2", "2/1");
    assertThat(overlaps).hasValueLessThanOrEqualTo(1); // "3" beside the one that hangs
  }

  @Test
  void afterAbandonAfterTheNextAttemptWaitsNoLonger() {
    Queue<Json> queue = queue("abandons", RetryPolicy.none());
    CountDownLatch finish = new CountDownLatch(1);
    AtomicBoolean first = new AtomicBoolean(true);
    List<String> handled = new CopyOnWriteArrayList<>();
    try (Worker worker = queue.consume(delivery -> {
      handled.add(delivery.rawPayload() + "/" + delivery.attempt());
      if (first.getAndSet(false)) {
        ignore(finish);
      }
      return done();
    }, WorkerOptions.defaults().withConcurrency(1).withTimeLimit(SHORT))) {
      Eventually.is("all are done though the first still runs", () -> worker.stats().done() == 2);
      assertThat(worker.stats().stuck()).isEqualTo(1);
      finish.countDown();
    }
    assertThat(handled).containsExactly("1/1", "1/2", "2/1");
  }

  @Test
  void whatAnOperatorDecidesWakesASleepingWorker() {
    Queue<Json> queue = queue("verbs", RetryPolicy.fixed(Duration.ofHours(1)));
    AtomicBoolean ill = new AtomicBoolean(true);
    List<String> handled = new CopyOnWriteArrayList<>();
    try (Worker worker = queue.consume(delivery -> {
      handled.add(delivery.rawPayload() + "/" + delivery.attempt());
      return ill.get() ? Outcome.retry("ill") : done();
    })) {
      Eventually.is("the key is blocked", () -> queue.blockedKeys().list(10).size() == 1);
      BlockedKey blocked = queue.blockedKeys().list(10).getFirst();
      assertThat(blocked.key()).isEqualTo("a");
      assertThat(blocked.waiting()).isEqualTo(2);
      assertThat(blocked.reason()).isEqualTo("ill");
      assertThat(blocked.due()).isNotNull();
      queue.blockedKeys().park("a");
      assertThat(queue.blockedKeys().list(10).getFirst().due()).isNull();
      queue.blockedKeys().retry("a");
      Eventually.is("it is tried", () -> handled.size() == 2);
      Eventually.is("and blocked again", () -> worker.stats().retried() == 2);
      ill.set(false);
      queue.blockedKeys().reject("a", "for good");
      Eventually.is("the next has its turn", () -> worker.stats().done() == 1);
    }
    assertThat(handled).containsExactly("1/1", "1/2", "2/1");
    assertThat(queue.stats().dead()).isEqualTo(1);
  }

  @Test
  void aRetryIsOnTimeThoughTheWorkerSleeps() {
    Queue<Json> queue = queue("on-time", RetryPolicy.fixed(Duration.ofMillis(1_500)));
    List<Long> at = new CopyOnWriteArrayList<>();
    try (Worker worker = queue.consume(delivery -> {
      at.add(System.nanoTime());
      return delivery.attempt() == 1 && at.size() == 1 ? Outcome.retry("once") : done();
    })) {
      Eventually.is("both are done", () -> worker.stats().done() == 2);
    }
    assertThat(Duration.ofNanos(at.get(1) - at.get(0))).isBetween(Duration.ofMillis(1_400), Duration.ofMillis(3_500));
  }
}
