package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.WorkerState;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class WorkerControlTest {

  private static final WorkerOptions ONE_HAND = WorkerOptions.defaults().withConcurrency(1);

  private final TestDatabase database;
  private final Howdah howdah;

  WorkerControlTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private static List<Json> payloads(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Json(Integer.toString(i))).toList();
  }

  @Test
  void aPausedWorkerFinishesWhatRunsHandsBackTheRestAndClaimsNothingUntilItIsResumed() throws InterruptedException {
    Queue<Json> queue = howdah.queue("pause").create();
    queue.publishAll(payloads(5));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    try (Worker worker = queue.consumeBatches(batch -> {
      started.countDown();
      finish.await(20, TimeUnit.SECONDS);
      return io.howdah.Outcomes.done();
    }, ONE_HAND.withFetch(2))) {
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
      worker.pause();
      assertThat(worker.state()).isEqualTo(WorkerState.PAUSED);
      Eventually.is("only what runs is in flight", () -> queue.stats().ready() == 3);
      finish.countDown();
      Eventually.is("what ran is done", () -> worker.stats().done() == 2);
      worker.wake();
      assertThat(queue.claim(1, Duration.ofSeconds(30)).size()).as("others may have the rest").isEqualTo(1);
      assertThat(worker.stats().done()).isEqualTo(2);
      worker.resume();
      Eventually.is("it goes on", () -> worker.stats().done() == 4);
      assertThat(worker.state()).isEqualTo(WorkerState.RUNNING);
    }
  }

  @Test
  void aDrainFinishesWhatIsClaimedAndLeavesTheRest() {
    Queue<Json> queue = howdah.queue("drain").create();
    queue.publishAll(payloads(2_000));
    try (Worker worker = queue.consume(delivery -> done(), ONE_HAND.withFetch(100))) {
      Eventually.is("it is at work", () -> worker.stats().done() > 0);
      assertThat(worker.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(worker.state()).isEqualTo(WorkerState.DRAINING);
      assertThat(queue.stats().inFlight()).isZero();
      assertThat(worker.stats().released()).isZero();
      assertThat(worker.stats().done() + queue.stats().ready()).isEqualTo(2_000);
      worker.resume();
      Eventually.is("it goes on", () -> worker.stats().done() == 2_000);
    }
  }

  @Test
  void aDrainSaysWhenSomethingIsLeft() throws InterruptedException {
    Queue<Json> queue = howdah.queue("undrained").create();
    queue.publish(new Json("1"));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    try (Worker worker = queue.consume(delivery -> {
      started.countDown();
      finish.await(20, TimeUnit.SECONDS);
      return done();
    }, ONE_HAND)) {
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(worker.drain(Duration.ofMillis(50))).isFalse();
      finish.countDown();
      assertThat(worker.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(worker.stats().done()).isEqualTo(1);
    }
  }

  @Test
  void aWorkerIsDisabledByOptionByPropertyAndByItsName() {
    Queue<Json> queue = howdah.queue("disabled").create();
    queue.publish(new Json("1"));
    HowdahOptions options = HowdahOptions.defaults().withDisabledWorkers(Set.of("disabled", "mailer"));
    try (Howdah node = Howdah.open(database.dataSource(), options)) {
      Worker byQueue = node.queue("disabled").consume(delivery -> done());
      Worker byName = node.queue("enabled").create().consume(delivery -> done(), ONE_HAND.withOwner("mailer"));
      Worker other = node.queue("enabled").consume(delivery -> done(), ONE_HAND.withOwner("other"));
      assertThat(byQueue.state()).isEqualTo(WorkerState.DISABLED);
      assertThat(byName.state()).isEqualTo(WorkerState.DISABLED);
      assertThat(byName.name()).isEqualTo("mailer");
      assertThat(other.state()).isEqualTo(WorkerState.RUNNING);
      byQueue.resume();
      Eventually.is("resumed, it works", () -> byQueue.stats().done() == 1);
    }
    System.setProperty("howdah.workersDisabled", "nothing, by-property");
    try (Worker worker = howdah.queue("by-property").create().consume(delivery -> done())) {
      assertThat(worker.state()).isEqualTo(WorkerState.DISABLED);
    } finally {
      System.clearProperty("howdah.workersDisabled");
    }
  }

  @Test
  void aWorkerThatIsWokenLooksAtOnce() {
    HowdahOptions deaf = HowdahOptions.defaults().withListen(false).withRing(false);
    try (Howdah node = Howdah.open(database.dataSource(), deaf);
        Worker worker = node.queue("wake").create().consume(delivery -> done())) {
      howdah.queue("wake").publish(new Json("1"));
      worker.wake();
      Eventually.is("it is done", () -> worker.stats().done() == 1);
      worker.close();
      assertThat(worker.state()).isEqualTo(WorkerState.CLOSED);
    }
  }
}
