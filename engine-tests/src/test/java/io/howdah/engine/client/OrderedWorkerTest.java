package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.retryIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Batching;
import io.howdah.BlockedKey;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.Message;
import io.howdah.Ordering;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.RetryPolicy.AfterLast;
import io.howdah.StartPosition;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a worker does with an order: it starts the next message of a key when the one before is over, and not before. */
@HowdahTest
class OrderedWorkerTest {

  private static final RetryPolicy SOON = RetryPolicy.fixed(Duration.ofMillis(50)).withMaxAttempts(3);
  private static final WorkerOptions EIGHT = WorkerOptions.defaults().withConcurrency(8);

  private final Howdah howdah;
  private final List<String> handled = new CopyOnWriteArrayList<>();

  OrderedWorkerTest(TestDatabase database) {
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Queue<Json> queue(String name, Ordering ordering) {
    return howdah.queue(name).create(ordering, SOON);
  }

  /** For each letter a message with this key; its payload is the letter and which of its key it is. */
  private static void publish(Queue<Json> queue, String keys) {
    Map<String, Integer> counts = new ConcurrentHashMap<>();
    queue.publishAllMessages(keys.chars().mapToObj(c -> Character.toString(c))
        .map(key -> Message.of(new Json('"' + key + counts.merge(key, 1, Integer::sum) + '"')).withKey(key)).toList());
  }

  private static String name(Delivery<Json> delivery) {
    return delivery.rawPayload().replace("\"", "");
  }

  private List<String> handledOf(String key) {
    return handled.stream().filter(each -> each.startsWith(key)).toList();
  }

  private void eventuallyHandled(int count) {
    Eventually.is(count + " are handled, not only " + handled, () -> handled.size() >= count);
  }

  @Test
  void messagesOfAKeyAreHandledOneByOneInOrderAndThoseOfOthersMeanwhile() {
    Queue<Json> queue = queue("keys", Ordering.byKey());
    publish(queue, "aaabbbccc".repeat(50));
    Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    AtomicInteger overlaps = new AtomicInteger();
    CountDownLatch others = new CountDownLatch(301);
    try (Worker worker = queue.consume(delivery -> {
      AtomicInteger mine = running.computeIfAbsent(delivery.key(), key -> new AtomicInteger());
      overlaps.addAndGet(mine.getAndIncrement());
      if (name(delivery).equals("a1")) {
        others.await();
      }
      handled.add(name(delivery));
      others.countDown();
      mine.decrementAndGet();
      return done();
    }, EIGHT)) {
      Eventually.is("all others are handled while a key is slow", () -> handled.size() == 300);
      assertThat(handledOf("a")).isEmpty();
      others.countDown();
      eventuallyHandled(450);
      assertThat(worker.stats().done()).isLessThanOrEqualTo(450);
    }
    for (String key : List.of("a", "b", "c")) {
      assertThat(handledOf(key)).isEqualTo(IntStream.rangeClosed(1, 150).mapToObj(i -> key + i).toList());
    }
    assertThat(overlaps).hasValue(0);
  }

  @Test
  void whatIsBehindAFailingMessageWaitsForItAndNothingIsCountedAgainstIt() {
    Queue<Json> queue = queue("fails", Ordering.byKey());
    publish(queue, "aaab");
    List<String> attempts = new CopyOnWriteArrayList<>();
    try (Worker worker = queue.consume(delivery -> {
      attempts.add(name(delivery) + "/" + delivery.attempt());
      if (name(delivery).equals("a1") && delivery.attempt() < 3) {
        throw new IllegalStateException("not yet");
      }
      handled.add(name(delivery));
      return done();
    }, EIGHT)) {
      eventuallyHandled(4);
      Eventually.is("all is settled", () -> worker.stats().done() == 4);
      assertThat(worker.stats().lapsed()).isZero();
    }
    assertThat(attempts).filteredOn(each -> each.startsWith("a")).containsExactly("a1/1", "a1/2", "a1/3", "a2/1",
        "a3/1");
    assertThat(handled.getFirst()).isEqualTo("b1");
  }

  @Test
  void aMessageThatIsRejectedOrUsedUpLetsItsKeyGoOn() {
    Queue<Json> queue = queue("rejects", Ordering.byKey());
    publish(queue, "aaaa");
    try (Worker worker = queue.consume(delivery -> {
      handled.add(name(delivery) + "/" + delivery.attempt());
      return switch (name(delivery)) {
        case "a1" -> Outcome.reject("no");
        case "a2" -> retryIn(Duration.ofMillis(20), "never");
        case "a3" -> Outcome.archive();
        default -> done();
      };
    }, EIGHT)) {
      Eventually.is("the last is done", () -> worker.stats().done() == 1);
    }
    assertThat(handled).containsExactly("a1/1", "a2/1", "a2/2", "a2/3", "a3/1", "a4/1");
    assertThat(queue.deadLetters().list(LetterFilter.all(), 0, 10)).extracting(letter -> letter.failure().reason())
        .containsExactlyInAnyOrder("no", "never");
  }

  @Test
  void aReleasedMessageKeepsItsPlace() {
    Queue<Json> queue = queue("releases", Ordering.byKey());
    publish(queue, "aaa");
    AtomicInteger times = new AtomicInteger();
    try (Worker worker = queue.consume(delivery -> {
      if (name(delivery).equals("a2") && times.incrementAndGet() < 3) {
        return Outcome.release();
      }
      handled.add(name(delivery) + "/" + delivery.attempt());
      return done();
    }, EIGHT)) {
      Eventually.is("all are done", () -> worker.stats().done() == 3);
    }
    assertThat(handled).containsExactly("a1/1", "a2/1", "a3/1");
  }

  @Test
  void whereNothingBlocksAFailingMessageComesBackBehindTheOthers() {
    Queue<Json> queue = queue("non-blocking", Ordering.byKey().withBlocking(false));
    publish(queue, "aaaaa");
    try (Worker worker = queue.consume(delivery -> {
      if (name(delivery).equals("a2") && delivery.attempt() == 1) {
        throw new IllegalStateException("later");
      }
      handled.add(name(delivery));
      return done();
    }, EIGHT)) {
      Eventually.is("all are done", () -> worker.stats().done() == 5);
    }
    assertThat(handled).containsExactly("a1", "a3", "a4", "a5", "a2");
  }

  @Test
  void aStrictQueueIsHandledOneMessageAtATimeByAllWorkersTogether() {
    Queue<Json> queue = queue("strict", Ordering.strict());
    publish(queue, "abcdefgh".repeat(20));
    AtomicInteger running = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    AtomicInteger failures = new AtomicInteger();
    List<Long> positions = new CopyOnWriteArrayList<>();
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      workers.add(queue.consume(delivery -> {
        overlaps.addAndGet(running.getAndIncrement());
        try {
          if (delivery.position() % 50 == 0 && delivery.attempt() == 1) {
            failures.incrementAndGet();
            throw new IllegalStateException("once");
          }
          positions.add(delivery.position());
          return done();
        } finally {
          running.decrementAndGet();
        }
      }));
      assertThat(workers.get(i).stats().done()).isNotNegative();
    }
    Eventually.is("all are handled", () -> positions.size() == 160);
    workers.forEach(Worker::close);
    assertThat(positions).isSorted().doesNotHaveDuplicates();
    assertThat(overlaps).hasValue(0);
    assertThat(failures).hasValue(3);
  }

  @Test
  void moreThanOneCallAtATimeContradictsAStrictQueue() {
    Queue<Json> queue = queue("contradiction", Ordering.strict());
    assertThatThrownBy(() -> queue.consume(delivery -> done(), EIGHT.withConcurrency(32)))
        .isInstanceOfSatisfying(HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID))
        .hasMessage("the messages of contradiction are handled one at a time, but concurrency is 32; leave it out, make"
            + " it 1, or create the queue with an order by key");
  }

  @Test
  void aBatchIsInOrderAndItsMessagesAreSettledOneByOne() {
    Queue<Json> queue = queue("batches", Ordering.byKey());
    publish(queue, "aabbaabb");
    List<List<String>> batches = new CopyOnWriteArrayList<>();
    try (Worker worker = queue.consumeBatches(batch -> {
      batches.add(batch.stream().map(OrderedWorkerTest::name).toList());
      Outcomes outcomes = Outcomes.done();
      for (Delivery<Json> delivery : batch) {
        if (name(delivery).equals("a2") && delivery.attempt() == 1) {
          outcomes = outcomes.except(delivery, retryIn(Duration.ofMillis(20), "once"));
        }
      }
      return outcomes;
    }, EIGHT)) {
      Eventually.is("all are done", () -> worker.stats().done() == 8);
    }
    assertThat(batches).containsExactly(List.of("a1", "a2", "b1", "b2", "a3", "a4", "b3", "b4"), List.of("a2"));
  }

  @Test
  void aBatchThatFailsAsAWholeIsTriedAgainInOrder() {
    Queue<Json> queue = queue("whole", Ordering.byKey());
    publish(queue, "aabab");
    AtomicInteger calls = new AtomicInteger();
    try (Worker worker = queue.consumeBatches(batch -> {
      if (calls.incrementAndGet() == 1) {
        throw new IllegalStateException("all of it");
      }
      batch.forEach(each -> handled.add(name(each) + "/" + each.attempt()));
      return Outcomes.done();
    }, EIGHT)) {
      Eventually.is("all are done", () -> worker.stats().done() == 5);
    }
    assertThat(handledOf("a")).containsExactly("a1/2", "a2/1", "a3/1");
    assertThat(handledOf("b")).containsExactly("b1/2", "b2/1");
  }

  @Test
  void batchesThatAreCollectedKeepTheOrderOverFailures() {
    Queue<Json> queue = queue("collected", Ordering.byKey());
    publish(queue, "ab".repeat(60));
    try (Worker worker = queue.consumeBatches(batch -> {
      Outcomes outcomes = Outcomes.done();
      for (int i = 0; i < batch.size(); i++) {
        Delivery<Json> delivery = batch.get(i);
        if (name(delivery).equals("a7") && delivery.attempt() == 1) {
          for (Delivery<Json> each : batch.subList(i, batch.size())) {
            outcomes = outcomes.except(each, retryIn(Duration.ofMillis(20), "the rest of the batch"));
          }
          return outcomes;
        }
        handled.add(name(delivery));
      }
      return outcomes;
    }, Batching.of(10, Duration.ofMillis(20)), EIGHT)) {
      Eventually.is("all are done", () -> worker.stats().done() == 120);
    }
    for (String key : List.of("a", "b")) {
      assertThat(handledOf(key)).isEqualTo(IntStream.rangeClosed(1, 60).mapToObj(i -> key + i).toList());
    }
  }

  @Test
  void transactionalHandlersKeepTheOrder() {
    Queue<Json> queue = queue("transactional", Ordering.byKey());
    publish(queue, "aabbaabb".repeat(10));
    try (Worker worker = queue.consumeInTransaction((delivery, transaction) -> {
      if (name(delivery).equals("a3") && delivery.attempt() == 1) {
        return retryIn(Duration.ofMillis(20), "answers retry");
      }
      if (name(delivery).equals("b3") && delivery.attempt() == 1) {
        throw new IllegalStateException("fails");
      }
      handled.add(name(delivery));
      return done();
    }, EIGHT)) {
      Eventually.is("all are done", () -> worker.stats().done() == 80);
      assertThat(worker.stats().lapsed()).isZero();
    }
    for (String key : List.of("a", "b")) {
      assertThat(handledOf(key)).isEqualTo(IntStream.rangeClosed(1, 40).mapToObj(i -> key + i).toList());
    }
  }

  @Test
  void manyWaitingBehindSlowKeysGoBackSoThatOthersAreHandled() {
    Queue<Json> queue = queue("slow-keys", Ordering.byKey());
    publish(queue, "a".repeat(200) + "b".repeat(200) + "cd");
    CountDownLatch finish = new CountDownLatch(1);
    try (Worker worker = queue.consume(delivery -> {
      if (name(delivery).equals("a1") || name(delivery).equals("b1")) {
        finish.await();
      }
      handled.add(name(delivery));
      return done();
    }, EIGHT.withFetch(20))) {
      Eventually.is("others are handled", () -> handled.containsAll(List.of("c1", "d1")));
      finish.countDown();
      Eventually.is("all are done", () -> worker.stats().done() == 402);
    }
    assertThat(handledOf("a")).isEqualTo(IntStream.rangeClosed(1, 200).mapToObj(i -> "a" + i).toList());
  }

  @Test
  void aKeyThatFailsForAWhileHoldsUpNobodyAmongTenThousand() {
    Queue<Json> queue = queue("ten-thousand", Ordering.byKey());
    queue.alter(SOON.withMaxAttempts(1000));
    queue.publishAllMessages(IntStream.range(0, 20_000)
        .mapToObj(i -> Message.of(new Json(Integer.toString(i))).withKey("k" + i % 10_000)).toList());
    CountDownLatch better = new CountDownLatch(1);
    AtomicInteger failures = new AtomicInteger();
    try (Worker worker = queue.consume(delivery -> {
      if ("k5000".equals(delivery.key()) && better.getCount() > 0) {
        failures.incrementAndGet();
        throw new IllegalStateException("still ill");
      }
      handled.add(delivery.key());
      return done();
    }, EIGHT)) {
      eventuallyHandled(19_998);
      assertThat(queue.blockedKeys().list(10)).extracting(BlockedKey::waiting).allMatch(waiting -> waiting == 2);
      better.countDown();
      Eventually.is("its messages are done, too", () -> worker.stats().done() == 20_000);
    }
    assertThat(failures).hasPositiveValue();
  }

  @Test
  void anOrderIsGivenWhenASubscriptionIsMadeAndOnlyItsBlockingCanBeChanged() {
    howdah.stream("events").create();
    var made = howdah.stream("events").subscribe("ordered", StartPosition.now(), Ordering.byKey(),
        SOON.withAfterLast(AfterLast.BLOCK));
    assertThat(made.ordering()).isEqualTo(Ordering.byKey());
    assertThat(made.retryPolicy().afterLast()).isEqualTo(AfterLast.BLOCK);
    assertThatThrownBy(() -> made.alter(Ordering.strict())).hasMessageContaining("cannot be changed");
    made.alter(SOON);
    made.alter(Ordering.byKey().withBlocking(false));
    assertThat(made.ordering().blocking()).isFalse();
    assertThat(howdah.queue("plain").create().ordering()).isEqualTo(Ordering.none());
  }
}
