package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Pipeline;
import io.howdah.PipelineBatcher;
import io.howdah.PipelineOptions;
import io.howdah.Queue;
import io.howdah.TimeLimit;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.schema.Schema;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@HowdahTest
class PipelineSurvivesTest {

  private static final WorkerOptions ONE = WorkerOptions.defaults().withConcurrency(1);
  private static final TimeLimit LIMIT = TimeLimit.of(Duration.ofMillis(100)).withAbandonAfter(Duration.ofMillis(100));

  private final TestDatabase database;
  private final Howdah howdah;
  private final TestClock clock;

  PipelineSurvivesTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
    this.clock = clock;
  }

  @AfterEach
  void close() {
    howdah.close();
    clock.reset();
  }

  private static List<Json> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> new Json(Integer.toString(i))).toList();
  }

  private static PipelineOptions with(WorkerOptions options) {
    return PipelineOptions.defaults().withWorker(options);
  }

  private static void ignoringInterrupts(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        continue; // that is the point
      }
    }
  }

  @Test
  void aProcessorThatIgnoresItsTimeLimitLosesItsPlaceAndItsPartitionGoesOn() {
    Queue<Json> queue = howdah.queue("ignores").create();
    queue.publishAll(numbers(0, 3));
    CountDownLatch finish = new CountDownLatch(1);
    BlockingQueue<String> failed = new LinkedBlockingQueue<>();
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      if (message.payload().text().equals("0") && message.attempt() == 1) {
        ignoringInterrupts(finish);
      }
      return message;
    }).partitionBy(delivery -> "all").handleFailed(messages -> {
      messages.forEach(message -> failed.add(String.valueOf(message.failure())));
      return messages;
    });
    try (Worker worker = queue.pipeline(pipeline, with(ONE.withTimeLimit(LIMIT)))) {
      Eventually.is("the others are done", () -> worker.stats().done() >= 2);
      assertThat(worker.stats().timeouts()).isEqualTo(1);
      assertThat(worker.stats().stuck()).isEqualTo(1);
      Eventually.is("it is retried while it still runs", () -> worker.stats().retried() == 1);
      finish.countDown();
      Eventually.is("its retry is done, once", () -> worker.stats().done() == 3 && worker.stats().stuck() == 0);
    }
    assertThat(failed).singleElement().asString().contains("timeout");
  }

  @Test
  void aBatchThatTakesTooLongFailsAsAWhole() {
    Queue<Json> queue = howdah.queue("slow-batch").create();
    queue.publishAll(numbers(0, 3));
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> message)
        .batcher(PipelineBatcher.of(3, Duration.ofSeconds(1), batch -> {
          if (batch.messages().getFirst().attempt() == 1) {
            new CountDownLatch(1).await();
          }
          return batch.messages();
        }));
    try (Worker worker = queue.pipeline(pipeline, with(ONE.withTimeLimit(LIMIT)))) {
      Eventually.is("all are retried", () -> worker.stats().retried() == 3);
      Eventually.is("and done", () -> worker.stats().done() == 3);
    }
  }

  @Test
  void leasesAreRenewedWhileMessagesWaitInABatcher() {
    Queue<Json> queue = howdah.queue("renewed").create();
    queue.publish(new Json("1"));
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> message)
        .batcher(PipelineBatcher.of(2, Duration.ofHours(1), batch -> batch.messages()));
    try (Worker worker = queue.pipeline(pipeline, with(ONE.withLease(Duration.ofMillis(1_500))))) {
      Eventually.is("it is claimed", () -> queue.stats().inFlight() == 1);
      long first = deadline("renewed");
      Eventually.is("the lease has been renewed well beyond the first", () -> deadline("renewed") > first + 2_000);
      queue.publish(new Json("2"));
      Eventually.is("both are done", () -> worker.stats().done() == 2);
      assertThat(worker.stats().lapsed()).isZero();
    }
  }

  /** When the lease lapses, in milliseconds. */
  private long deadline(String queue) {
    return database.number("select (extract(epoch from howdah.next_lapse(?)) * 1000)::bigint", queue);
  }

  @Test
  void whatLapsedWhileItWaitedIsBegunNoMoreAndSettledOnce() throws InterruptedException {
    Queue<Json> queue = howdah.queue("lapses").create();
    queue.publishAll(numbers(0, 3));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    Pipeline<Json> pipeline = Pipeline.of(message -> {
      calls.incrementAndGet();
      started.countDown();
      finish.await(20, TimeUnit.SECONDS);
      return message;
    });
    try (Worker worker = queue.pipeline(pipeline, with(ONE.withLease(Duration.ofSeconds(3))))) {
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
      long held = queue.stats().inFlight();
      clock.advance(Duration.ofMinutes(1));
      AtomicInteger taken = new AtomicInteger();
      Eventually.is("somebody else has them",
          () -> taken.addAndGet(queue.claim(3, Duration.ofHours(1)).size()) == 3 || worker.stats().lapsed() > 0);
      Eventually.is("the worker knows", () -> worker.stats().lapsed() == held);
      finish.countDown();
      assertThat(worker.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(calls).hasValue(1);
      assertThat(worker.stats().done()).isZero();
    }
  }

  @Test
  void closingFinishesWhatHasBegunBatchesIncludedAndHandsBackTheRestUncounted() throws InterruptedException {
    Queue<Json> queue = howdah.queue("close").create();
    queue.publishAll(numbers(0, 8));
    CountDownLatch processed = new CountDownLatch(3);
    CountDownLatch finish = new CountDownLatch(1);
    Set<String> batched = ConcurrentHashMap.newKeySet();
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      processed.countDown();
      if (Integer.parseInt(message.payload().text()) >= 2) {
        finish.await(20, TimeUnit.SECONDS);
      }
      return message;
    }).batcher(PipelineBatcher.of(100, Duration.ofHours(1), batch -> {
      batch.messages().forEach(message -> batched.add(message.payload().text()));
      return batch.messages();
    }));
    Worker worker = queue.pipeline(pipeline, with(ONE));
    assertThat(processed.await(20, TimeUnit.SECONDS)).isTrue();
    Thread closing = Thread.ofVirtual().start(() -> worker.close(Duration.ofSeconds(20)));
    Eventually.is("what is not begun is there for others", () -> queue.stats().ready() == 5);
    finish.countDown();
    closing.join();
    assertThat(batched).containsExactlyInAnyOrder("0", "1", "2");
    assertThat(worker.stats().done()).isEqualTo(3);
    assertThat(queue.peek(10)).extracting(Delivery::attempt).containsOnly(1);
  }

  @Test
  void whenTheGraceIsOverWhatRunsIsReleasedUncounted() throws InterruptedException {
    Queue<Json> queue = howdah.queue("grace").create();
    queue.publishAll(numbers(0, 2));
    CountDownLatch started = new CountDownLatch(1);
    AtomicInteger hooked = new AtomicInteger();
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      started.countDown();
      new CountDownLatch(1).await();
      return message;
    }).handleFailed(messages -> {
      hooked.incrementAndGet();
      return messages;
    });
    Worker worker = queue.pipeline(pipeline, with(ONE));
    assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
    worker.close(Duration.ofMillis(50));
    assertThat(queue.stats().ready()).isEqualTo(2);
    assertThat(queue.peek(10)).extracting(Delivery::attempt).containsOnly(1);
    assertThat(hooked).hasValue(0);
  }

  @Test
  void pausingHandsBackWhatWaitsForAProcessor() throws InterruptedException {
    Queue<Json> queue = howdah.queue("pause").create();
    queue.publishAll(numbers(0, 2));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      started.countDown();
      finish.await(20, TimeUnit.SECONDS);
      return message;
    }).partitionBy(delivery -> "one");
    try (Worker worker = queue.pipeline(pipeline, with(ONE))) {
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
      Eventually.is("both are claimed", () -> queue.stats().inFlight() == 2);
      worker.pause();
      finish.countDown();
      Eventually.is("what ran is done", () -> worker.stats().done() == 1);
      Eventually.is("the other is there for others", () -> queue.stats().ready() + queue.stats().scheduled() == 1);
      worker.resume();
      Eventually.is("it goes on", () -> worker.stats().done() == 2);
    }
  }

  @Test
  void connectionsThatAreCutAgainAndAgain() {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    try (FaultProxy proxy = FaultProxy.to(database); Howdah consuming = Howdah.open(proxy.dataSource())) {
      Queue<Json> queue = howdah.queue("cut").create();
      Pipeline<Json> pipeline = Pipeline.<Json>of(message -> message)
          .batcher(PipelineBatcher.of(50, Duration.ofMillis(20), batch -> {
            batch.messages().forEach(message -> seen.add(message.payload().text()));
            return batch.messages();
          }));
      PipelineOptions options = with(WorkerOptions.defaults().withLease(Duration.ofSeconds(1)));
      try (Worker worker = consuming.queue("cut").pipeline(pipeline, options)) {
        for (int i = 0; i < 4; i++) {
          queue.publishAll(numbers(i * 400, i * 400 + 400));
          int least = i * 400;
          Eventually.is("some of it is handled", () -> seen.size() > least);
          proxy.cut();
        }
        Eventually.is("all is handled in the end", () -> seen.size() == 1_600);
        Eventually.is("and settled", () -> queue.stats().ready() + queue.stats().inFlight() == 0);
        assertThat(worker.stats().outages()).isPositive();
      }
    }
  }

  @Test
  void aKilledAndRestartedServer(@TempDir Path directory) {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedOptions.durable(directory.resolve("data")))) {
      Schema.of(postgres.dataSource("postgres")).install();
      try (Howdah broker = Howdah.open(postgres.dataSource("postgres"))) {
        Queue<Json> queue = broker.queue("restart").create();
        queue.publishAll(numbers(0, 200));
        Set<String> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch killed = new CountDownLatch(1);
        Pipeline<Json> pipeline = Pipeline.<Json>of(message -> message)
            .batcher(PipelineBatcher.of(20, Duration.ofMillis(20), batch -> {
              if (seen.size() >= 60) {
                killed.await(20, TimeUnit.SECONDS);
              }
              batch.messages().forEach(message -> seen.add(message.payload().text()));
              return batch.messages();
            }));
        try (Worker worker = queue.pipeline(pipeline)) {
          Eventually.is("the first are handled", () -> seen.size() >= 60);
          postgres.kill();
          killed.countDown();
          Eventually.is("the worker has noticed", () -> worker.stats().outages() >= 1);
          postgres.restart();
          Eventually.is("the others are handled", () -> seen.size() == 200);
        }
      }
    }
  }
}
