package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Ack;
import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Pipeline;
import io.howdah.PipelineBatcher;
import io.howdah.PipelineEvent;
import io.howdah.PipelineOptions;
import io.howdah.Queue;
import io.howdah.Reading;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class PipelineReadingTest {

  private static final PipelineOptions TWO = PipelineOptions.defaults().withConcurrency(2);

  private final TestDatabase database;
  private final Howdah howdah;

  PipelineReadingTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Queue<Json> queueOf(String name, int messages) {
    Queue<Json> queue = howdah.queue(name).create();
    if (messages > 0) {
      queue.publishAll(IntStream.range(0, messages).mapToObj(i -> new Json(Integer.toString(i))).toList());
    }
    return queue;
  }

  /** A pipeline that says how long after it was called it was called. */
  private static Pipeline<Json> telling(BlockingQueue<Long> times) {
    return Pipeline.of(message -> {
      times.add(System.nanoTime());
      return message;
    });
  }

  private static long take(BlockingQueue<Long> times) throws InterruptedException {
    Long time = times.poll(20, TimeUnit.SECONDS);
    assertThat(time).as("a message within 20 s").isNotNull();
    return time;
  }

  @Test
  void aPipelineNeverHoldsMoreThanItsStagesCanTake() throws InterruptedException {
    Queue<Json> queue = queueOf("bounded", 500);
    CountDownLatch started = new CountDownLatch(2);
    CountDownLatch finish = new CountDownLatch(1);
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      started.countDown();
      finish.await(20, TimeUnit.SECONDS);
      return message;
    }).batcher(PipelineBatcher.of(5, Duration.ofMillis(20), batch -> batch.messages()));
    BlockingQueue<Integer> claims = new LinkedBlockingQueue<>();
    PipelineOptions options = TWO.withListener(event -> {
      if (event instanceof PipelineEvent.BatchClaimed claimed) {
        claims.add(claimed.messages());
      }
    });
    try (Worker worker = queue.pipeline(pipeline, options)) {
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
      worker.wake();
      assertThat(queue.stats().inFlight()).isBetween(2L, 14L); // 2 · 2 for the processors and 5 · 2 for the batcher
      assertThat(claims).allMatch(messages -> messages <= 14);
      finish.countDown();
      Eventually.is("all are done", () -> worker.stats().done() == 500);
    }
    assertThat(claims).allMatch(messages -> messages <= 14);
  }

  @Test
  void byDefaultTheBellWakesAPipelineAtOnce() throws InterruptedException {
    Queue<Json> queue = queueOf("hybrid", 0);
    BlockingQueue<Long> times = new LinkedBlockingQueue<>();
    try (Worker worker = queue.pipeline(telling(times))) {
      Eventually.is("it sleeps", () -> database.number("select count(*) from howdah.sleeper") > 0);
      long published = System.nanoTime();
      queue.publish(new Json("1"));
      assertThat(take(times) - published).isLessThan(Duration.ofSeconds(4).toNanos());
      assertThat(worker.stats().outages()).isZero();
    }
  }

  @Test
  void theReadIntervalBoundsTheDelayWhenNoBellIsRung() throws InterruptedException {
    Queue<Json> queue = queueOf("missed", 0);
    BlockingQueue<Long> times = new LinkedBlockingQueue<>();
    PipelineOptions options = TWO.withReading(Reading.hybrid(Duration.ofMillis(300)));
    try (Worker worker = queue.pipeline(telling(times), options)) {
      Eventually.is("it sleeps", () -> database.number("select count(*) from howdah.sleeper") > 0);
      database.query("select howdah.publish('missed', '1')"); // rings nobody
      take(times);
      Eventually.is("it is done", () -> worker.stats().done() == 1);
    }
  }

  @Test
  void byNotificationAloneNothingIsReadUntilTheBellRings() throws InterruptedException {
    Queue<Json> queue = queueOf("notified", 0);
    BlockingQueue<Long> times = new LinkedBlockingQueue<>();
    try (Howdah other = Howdah.open(database.dataSource());
        Worker worker = other.queue("notified").pipeline(telling(times), TWO.withReading(Reading.onNotification()))) {
      Eventually.is("it sleeps", () -> database.number("select count(*) from howdah.sleeper") > 0);
      queue.publish(new Json("1"));
      take(times);
      queue.publish(Message.of(new Json("2")).withDelay(Duration.ofMillis(200)));
      take(times);
      Eventually.is("both are done", () -> worker.stats().done() == 2);
    }
  }

  @Test
  void aPollingPipelineHearsNoBellAndLooksAtItsInterval() throws InterruptedException {
    Queue<Json> queue = queueOf("polled", 1);
    BlockingQueue<Long> times = new LinkedBlockingQueue<>();
    Duration interval = Duration.ofSeconds(1);
    try (Worker worker = queue.pipeline(telling(times), TWO.withReading(Reading.poll(interval)))) {
      long first = take(times);
      Eventually.is("it is settled", () -> worker.stats().done() == 1);
      Eventually.is("it has looked once more", () -> System.nanoTime() - first > Duration.ofMillis(100).toNanos());
      queue.publish(new Json("2"));
      assertThat(take(times) - first).isGreaterThan(Duration.ofMillis(900).toNanos());
      assertThat(database.number("select count(*) from howdah.sleeper")).isZero();
    }
  }

  @Test
  void aLongPollKeepsLookingForAWhile() throws InterruptedException {
    Queue<Json> queue = queueOf("long-poll", 0);
    BlockingQueue<Long> times = new LinkedBlockingQueue<>();
    Reading reading = Reading.poll(Duration.ofHours(1)).withLongPoll(Duration.ofSeconds(30), Duration.ofMillis(20));
    try (Worker worker = queue.pipeline(telling(times), TWO.withReading(reading))) {
      queue.publish(new Json("1"));
      take(times);
      Eventually.is("it is done", () -> worker.stats().done() == 1);
    }
  }

  @Test
  void readingAtMostOnceSettlesWhenItClaimsAndIgnoresAcknowledgementsWithAWarning() {
    Queue<Json> queue = queueOf("at-most-once", 3);
    CountDownLatch finish = new CountDownLatch(1);
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      finish.await(20, TimeUnit.SECONDS);
      return switch (message.payload().text()) {
        case "0" -> message.failed("lost").onFailure(Ack.reject());
        case "1" -> throw new IllegalStateException("on purpose");
        default -> message;
      };
    }).onFailure(Ack.archive());
    try (Logged logged = Logged.by("io.howdah.internal.pipeline.Verdict")) {
      Worker worker = queue.pipeline(pipeline, TWO.withAtMostOnce(true));
      Eventually.is("all are settled before they are processed", () -> worker.stats().done() == 3);
      assertThat(queue.stats().inFlight() + queue.stats().ready()).isZero();
      finish.countDown();
      worker.close();
      assertThat(worker.stats().retried() + worker.stats().archived() + worker.stats().released()).isZero();
      assertThat(worker.stats().failures()).isEqualTo(1);
      assertThat(logged.about("ignored")).singleElement().asString()
          .startsWith("WARN the pipeline of at-most-once reads at most once");
    }
    assertThat(queue.stats().dead() + queue.stats().scheduled() + queue.stats().inFlight()).isZero();
  }

  @Test
  void closingProcessesWhatWasReadAtMostOnce() throws InterruptedException {
    Queue<Json> queue = queueOf("read", 6);
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    BlockingQueue<String> batched = new LinkedBlockingQueue<>();
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      started.countDown();
      finish.await(20, TimeUnit.SECONDS);
      return message;
    }).batcher(PipelineBatcher.of(100, Duration.ofHours(1), batch -> {
      batch.messages().forEach(message -> batched.add(message.payload().text()));
      return batch.messages();
    }));
    Worker worker = queue.pipeline(pipeline, TWO.withAtMostOnce(true));
    assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
    Eventually.is("all are settled", () -> worker.stats().done() == 6);
    Thread closing = Thread.ofVirtual().start(() -> worker.close(Duration.ofSeconds(20)));
    finish.countDown();
    closing.join();
    assertThat(batched).hasSize(6);
  }

  @Test
  void aRateBoundsWhatIsClaimedInAnyStretchOfTime() {
    Queue<Json> queue = queueOf("rate", 25);
    BlockingQueue<Long> times = new LinkedBlockingQueue<>();
    long begun = System.nanoTime();
    try (Worker worker = queue.pipeline(telling(times),
        PipelineOptions.defaults().withRate(10, Duration.ofMillis(700)))) {
      Eventually.is("all are done", () -> worker.stats().done() == 25);
      assertThat(System.nanoTime() - begun).isGreaterThan(Duration.ofMillis(1_400).toNanos());
      assertThat(worker.stats().released()).isZero();
    }
  }

  @Test
  void aPipelineThatIsDisabledHereStartsDisabled() {
    queueOf("disabled", 1);
    HowdahOptions options = HowdahOptions.defaults().withDisabledWorkers(java.util.Set.of("disabled"));
    try (Howdah node = Howdah.open(database.dataSource(), options);
        Worker worker = node.queue("disabled").pipeline(Pipeline.of(message -> message))) {
      assertThat(worker.state()).isEqualTo(io.howdah.WorkerState.DISABLED);
      worker.resume();
      Eventually.is("resumed, it works", () -> worker.stats().done() == 1);
    }
  }

  @Test
  void theListenerHearsOfEachStep() {
    Queue<Json> queue = queueOf("told", 3);
    List<PipelineEvent> events = new java.util.concurrent.CopyOnWriteArrayList<>();
    Pipeline<Json> pipeline = Pipeline
        .<Json>of(message -> message.payload().text().equals("0") ? message.failed("no") : message)
        .batcher(PipelineBatcher.of(2, Duration.ofSeconds(10), batch -> batch.messages()));
    try (Logged logged = Logged.by("io.howdah.internal.pipeline.Events")) {
      try (Worker worker = queue.pipeline(pipeline, TWO.withListener(event -> {
        events.add(event);
        throw new IllegalStateException("a listener that fails harms nobody");
      }))) {
        Eventually.is("all is settled", () -> worker.stats().done() == 2 && worker.stats().retried() == 1);
      }
      assertThat(logged.about("listener")).hasSize(1);
    }
    assertThat(events).allMatch(event -> event.source().equals("told"));
    assertThat(events).extracting(event -> event.getClass().getSimpleName()).contains("BatchClaimed")
        .filteredOn(name -> !name.equals("BatchClaimed")).containsExactlyInAnyOrder("MessageProcessed",
            "MessageProcessed", "MessageFailed", "BatchFlushed", "MessageAcknowledged", "MessageAcknowledged",
            "MessageAcknowledged");
    assertThat(events).filteredOn(event -> event instanceof PipelineEvent.BatchFlushed).singleElement()
        .satisfies(event -> {
          PipelineEvent.BatchFlushed flushed = (PipelineEvent.BatchFlushed) event;
          assertThat(flushed.batch().messages()).hasSize(2);
          assertThat(flushed.failed()).isZero();
          assertThat(flushed.took()).isPositive();
        });
    assertThat(events).filteredOn(event -> event instanceof PipelineEvent.MessageFailed).singleElement().asString()
        .contains("processor").contains("no");
  }
}
