package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.reject;
import static io.howdah.Outcome.release;
import static io.howdah.Outcome.retryIn;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class WorkerSettlesPerMessageTest {

  private final TestDatabase database;
  private final Howdah howdah;

  WorkerSettlesPerMessageTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private static List<Json> numbers(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Json(Integer.toString(i))).toList();
  }

  @Test
  void everyMessageIsHandledOnceAndDone() {
    Queue<Json> queue = howdah.queue("all-done").create();
    queue.publishAll(numbers(10_000));
    Map<String, Integer> seen = new ConcurrentHashMap<>();
    try (Worker worker = queue.consume(delivery -> {
      seen.merge(delivery.rawPayload(), 1, Integer::sum);
      return done();
    })) {
      Eventually.is("all are settled", () -> worker.stats().done() == 10_000);
      assertThat(seen).hasSize(10_000).allSatisfy((payload, times) -> assertThat(times).isEqualTo(1));
      assertThat(worker.stats().outages()).isZero();
    }
    assertThat(queue.stats().ready()).isZero();
    assertThat(queue.stats().inFlight()).isZero();
  }

  @Test
  void eachAnswerCounts() {
    Queue<Json> queue = howdah.queue("answers").create();
    queue.publishAll(numbers(400));
    Set<String> releasedOnce = ConcurrentHashMap.newKeySet();
    try (Worker worker = queue.consume(delivery -> switch (Integer.parseInt(delivery.rawPayload()) % 4) {
      case 0 -> done();
      case 1 -> reject("odd");
      case 2 -> retryIn(Duration.ofHours(1), "later");
      default -> releasedOnce.add(delivery.rawPayload()) ? release() : done();
    })) {
      Eventually.is("all are settled", () -> worker.stats().done() == 200);
      assertThat(worker.stats().rejected()).isEqualTo(100);
      assertThat(worker.stats().retried()).isEqualTo(100);
      assertThat(worker.stats().released()).isEqualTo(100);
    }
    assertThat(queue.stats().dead()).isEqualTo(100);
    assertThat(queue.stats().scheduled()).isEqualTo(100);
  }

  @Test
  void batchesAreAnsweredAsAWholeOrOneByOne() {
    Queue<Json> queue = howdah.queue("batches").create();
    queue.publishAll(numbers(2_000));
    AtomicBoolean tooLarge = new AtomicBoolean();
    try (Worker worker = queue.consumeBatches(batch -> {
      tooLarge.compareAndSet(false, batch.size() > 100);
      Outcomes outcomes = Outcomes.done();
      for (var delivery : batch) {
        if (delivery.rawPayload().endsWith("7")) {
          outcomes = outcomes.except(delivery, reject("seven"));
        }
      }
      return outcomes;
    }, WorkerOptions.defaults().withConcurrency(2).withFetch(100))) {
      Eventually.is("all are settled", () -> worker.stats().done() == 1_800 && worker.stats().rejected() == 200);
    }
    assertThat(tooLarge).isFalse();
    assertThat(queue.stats().dead()).isEqualTo(200);
  }

  @Test
  void aSlowMessageDoesNotKeepItsNeighboursFromBeingSettled() throws InterruptedException {
    Queue<Json> queue = howdah.queue("slow-neighbour").create();
    queue.publishAll(numbers(10));
    CountDownLatch finish = new CountDownLatch(1);
    try (Worker worker = queue.consume(delivery -> {
      if (delivery.rawPayload().equals("0")) {
        finish.await(20, TimeUnit.SECONDS);
      }
      return done();
    })) {
      Eventually.is("nine are settled while the first is handled", () -> worker.stats().done() == 9);
      assertThat(queue.stats().inFlight()).isEqualTo(1);
      finish.countDown();
      Eventually.is("the first is settled too", () -> worker.stats().done() == 10);
    }
    assertThat(queue.stats().inFlight()).isZero();
    assertThat(database.number("select count(*) from howdah.peek('slow-neighbour')")).isZero();
  }

  @Test
  void workersOfOneQueueShareItsMessages() {
    Queue<Json> queue = howdah.queue("shared").create();
    Map<String, Integer> seen = new ConcurrentHashMap<>();
    WorkerOptions options = WorkerOptions.defaults().withConcurrency(4).withFetch(50);
    try (Howdah other = Howdah.open(database.dataSource());
        Worker one = queue.consume(d -> count(seen, d.rawPayload()), options);
        Worker two = other.queue("shared").consume(d -> count(seen, d.rawPayload()), options)) {
      for (int i = 0; i < 40; i++) {
        queue.publishAll(numbers(2_000).subList(i * 50, i * 50 + 50));
      }
      Eventually.is("all are settled", () -> one.stats().done() + two.stats().done() == 2_000);
    }
    assertThat(seen).hasSize(2_000).allSatisfy((payload, times) -> assertThat(times).isEqualTo(1));
  }

  private static io.howdah.Outcome count(Map<String, Integer> seen, String payload) {
    seen.merge(payload, 1, Integer::sum);
    return done();
  }
}
