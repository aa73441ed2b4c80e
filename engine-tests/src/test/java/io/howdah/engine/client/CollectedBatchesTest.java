package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Batching;
import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class CollectedBatchesTest {

  private static final WorkerOptions TWO_HANDS = WorkerOptions.defaults().withConcurrency(2);

  private final Howdah howdah;
  private final TestClock clock;

  CollectedBatchesTest(TestDatabase database, TestClock clock) {
    this.howdah = Howdah.open(database.dataSource());
    this.clock = clock;
  }

  @AfterEach
  void close() {
    howdah.close();
    clock.reset();
  }

  @Test
  void aBatchIsFullWhenItHasItsSizeHoweverManyClaimsThatTakes() throws InterruptedException {
    Queue<Json> queue = howdah.queue("full").create();
    BlockingQueue<Integer> sizes = new LinkedBlockingQueue<>();
    try (Worker worker = queue.consumeBatches(batch -> {
      sizes.add(batch.size());
      return Outcomes.done();
    }, Batching.of(10, Duration.ofHours(1)), TWO_HANDS.withFetch(3))) {
      for (int i = 0; i < 10; i++) {
        assertThat(sizes).isEmpty();
        queue.publish(new Json("1"));
      }
      assertThat(sizes.poll(20, TimeUnit.SECONDS)).isEqualTo(10);
      queue.publishAll(IntStream.range(0, 200).mapToObj(i -> new Json("2")).toList());
      for (int i = 0; i < 20; i++) {
        assertThat(sizes.poll(20, TimeUnit.SECONDS)).isEqualTo(10);
      }
      Eventually.is("all are done", () -> worker.stats().done() == 210);
    }
  }

  @Test
  void aBatchGoesWhenItsFirstMessageHasWaitedLongEnough() throws InterruptedException {
    Queue<Json> queue = howdah.queue("time").create();
    queue.publishAll(List.of(new Json("1"), new Json("2"), new Json("3")));
    BlockingQueue<Integer> sizes = new LinkedBlockingQueue<>();
    try (Worker worker = queue.consumeBatches(batch -> {
      sizes.add(batch.size());
      return Outcomes.done();
    }, Batching.of(10, Duration.ofMillis(500)), TWO_HANDS)) {
      assertThat(sizes.poll(20, TimeUnit.SECONDS)).isEqualTo(3);
      Eventually.is("they are done", () -> worker.stats().done() == 3);
    }
  }

  @Test
  void partsSucceedFailAndAreRetriedSeparately() {
    Queue<Json> queue = howdah.queue("parts").create();
    for (String key : List.of("a", "b", "a", "b", "b")) {
      queue.publish(Message.of(new Json("1")).withKey(key));
    }
    BlockingQueue<String> calls = new LinkedBlockingQueue<>();
    try (Worker worker = queue.consumeBatches(batch -> {
      List<String> keys = batch.stream().map(Delivery::key).map(Objects::requireNonNull).distinct().toList();
      calls.add(keys + " " + batch.size() + " " + batch.getFirst().attempt());
      if (keys.contains("b") && batch.getFirst().attempt() == 1) {
        throw new IllegalStateException("b fails first");
      }
      return Outcomes.done();
    }, Batching.<Json>of(5, Duration.ofSeconds(2)).splitBy(Delivery::key), TWO_HANDS)) {
      Eventually.is("a is done, b is retried", () -> worker.stats().done() == 2 && worker.stats().retried() == 3);
      assertThat(calls).containsExactlyInAnyOrder("[a] 2 1", "[b] 3 1");
      clock.advance(Duration.ofSeconds(2)); // once: a clock that runs while the batch waits would end its lease
      Eventually.is("b is done", () -> worker.stats().done() == 5);
    }
  }

  @Test
  void aMessageThatCannotBeSplitFailsAloneAndATimeLimitHoldsForEachPart() {
    Queue<Json> queue = howdah.queue("unsplit").create();
    queue.publish(new Json("1"));
    queue.publish(Message.of(new Json("2")).withKey("quick"));
    queue.publish(Message.of(new Json("3")).withKey("slow"));
    try (Worker worker = queue.consumeBatches(batch -> {
      if ("slow".equals(batch.getFirst().key())) {
        new CountDownLatch(1).await();
      }
      return Outcomes.done();
    }, Batching.<Json>of(3, Duration.ofSeconds(5)).splitBy(Delivery::key),
        TWO_HANDS.withTimeLimit(Duration.ofMillis(200)))) {
      Eventually.is("one is done, two are retried", () -> worker.stats().done() == 1 && worker.stats().retried() >= 2);
      assertThat(worker.stats().timeouts()).isPositive();
    }
  }

  @Test
  void closingHandsBackWhatWaitsForCompanyAndADrainHandlesIt() {
    Queue<Json> queue = howdah.queue("waiting").create();
    queue.publishAll(List.of(new Json("1"), new Json("2")));
    Batching<Json> patient = Batching.of(100, Duration.ofHours(1));
    Worker closed = queue.consumeBatches(batch -> Outcomes.done(), patient, TWO_HANDS);
    Eventually.is("both wait", () -> queue.stats().inFlight() == 2);
    closed.close();
    assertThat(closed.stats().released()).isEqualTo(2);
    try (Worker drained = queue.consumeBatches(batch -> Outcomes.done(), patient, TWO_HANDS)) {
      Eventually.is("both wait again", () -> queue.stats().inFlight() == 2);
      assertThat(drained.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(drained.stats().done()).isEqualTo(2);
    }
  }
}
