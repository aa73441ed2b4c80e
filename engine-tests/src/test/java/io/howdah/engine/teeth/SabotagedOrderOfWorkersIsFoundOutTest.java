package io.howdah.engine.teeth;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Ordering;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.engine.faults.Patience;
import io.howdah.testkit.History;
import io.howdah.testkit.HistoryChecker;
import io.howdah.testkit.HistoryChecker.Order;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.Violation;
import io.howdah.testkit.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two workers of the Java client share an ordered queue of which most is one key; the first call waits until the other
 * worker has one, too. What is in order is in order; with one mechanism of the database broken, the history says so.
 */
@HowdahTest
@SuppressWarnings("try") // workers do their work by being open
class SabotagedOrderOfWorkersIsFoundOutTest {
  private static final String QUEUE = "orders";
  private static final WorkerOptions ONE_BY_ONE = WorkerOptions.defaults().withConcurrency(1).withFetch(1);

  private final TestDatabase database;
  private final History history = new History();
  private final CountDownLatch bothWork = new CountDownLatch(2);
  private final AtomicInteger handled = new AtomicInteger();

  SabotagedOrderOfWorkersIsFoundOutTest(TestDatabase database) {
    this.database = database;
  }

  @AfterEach
  void heal() {
    database.heal();
  }

  @Test
  void whatIsInOrderIsNotComplainedOf() {
    assertThat(violations()).isEmpty();
  }

  @Test
  void keysInFlightThatAreForgottenAreInTwoHands() {
    database.sabotage("busy_keys", "distinct b from unnest(v_flight) b",
        "distinct b from unnest(v_flight) b where false");
    assertThat(violations()).extracting(Violation::kind).contains(Kind.OVERLAPPED);
  }

  @Test
  void parkedMessagesThatAreTakenFromTheEndAreOutOfOrder() {
    database.sabotage("pick_parked", "order by q.at, q.src, q.position", "order by q.at, q.src, q.position desc");
    assertThat(violations()).extracting(Violation::kind).contains(Kind.REORDERED);
  }

  private List<Violation> violations() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue(QUEUE).create(Ordering.byKey(), RetryPolicy.defaults());
      int published = publish(queue);
      try (Worker one = work(queue); Worker two = work(queue)) {
        Patience.until("the end of all messages", () -> handled.get() >= published);
      }
      queue.drop(true);
    }
    return HistoryChecker.of(QUEUE).withOrder(Order.KEY).check(history);
  }

  private int publish(Queue<Json> queue) {
    List<Message<Json>> messages = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String key = i < 20 ? "hot" : "cool" + i;
      messages.add(Message.of(new Json(Integer.toString(i))).withKey(key));
      history.attempted(Integer.toString(i), key);
    }
    queue.publishAllMessages(messages);
    for (int i = 0; i < messages.size(); i++) {
      history.acknowledged(Integer.toString(i));
    }
    return messages.size();
  }

  private Worker work(Queue<Json> queue) {
    AtomicInteger calls = new AtomicInteger();
    return queue.consume(delivery -> {
      String token = delivery.rawPayload() + " as attempt " + delivery.attempt();
      history.delivered(delivery.rawPayload(), QUEUE, delivery.position(), token);
      if (calls.getAndIncrement() == 0) {
        meet(delivery);
      }
      history.settling(token);
      history.settled(delivery.rawPayload(), QUEUE, token, "done");
      handled.incrementAndGet();
      return Outcome.done();
    }, ONE_BY_ONE);
  }

  private void meet(Delivery<Json> delivery) throws InterruptedException {
    bothWork.countDown();
    if (!bothWork.await(20, TimeUnit.SECONDS)) {
      throw new AssertionError("the other worker was handed nothing while this one had " + delivery);
    }
  }
}
