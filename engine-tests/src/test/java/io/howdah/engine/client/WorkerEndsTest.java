package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Pipeline;
import io.howdah.Queue;
import io.howdah.StartPosition;
import io.howdah.Stream;
import io.howdah.Worker;
import io.howdah.WorkerState;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Dropping a subscription ends its workers with an error that names it; what only looks like a drop does not. */
@HowdahTest
@Timeout(120)
class WorkerEndsTest {

  private static final Json ONE = new Json("1");

  private final TestDatabase database;

  WorkerEndsTest(TestDatabase database) {
    this.database = database;
  }

  private static void assertEnded(Worker worker, String subscription) {
    assertThatThrownBy(() -> worker.termination().get(60, TimeUnit.SECONDS)).cause()
        .isInstanceOfSatisfying(HowdahException.class, e -> {
          assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
          assertThat(e).hasMessageContaining("\"" + subscription + "\"").hasMessageContaining("dropped");
          assertThat(worker.failure()).contains(e);
        });
    assertThat(worker.state()).isEqualTo(WorkerState.FAILED);
  }

  @Test
  void aWorkerOfADroppedQueueEndsAndTheOthersOfTheProcessGoOn() {
    try (Howdah howdah = Howdah.open(database.dataSource());
        Logged logged = Logged.by("io.howdah.internal.subscription.Ending")) {
      Queue<Json> dropped = howdah.queue("dropped").create();
      Queue<Json> kept = howdah.queue("kept").create();
      Worker first = dropped.consume(delivery -> done());
      try (Worker other = kept.consume(delivery -> done())) {
        dropped.publish(ONE);
        Eventually.is("the first message is handled", () -> first.stats().done() == 1);
        assertThat(first.failure()).isEmpty();
        dropped.drop(true);
        assertEnded(first, "dropped");
        kept.publish(ONE);
        Eventually.is("others go on", () -> other.stats().done() == 1);
        assertThat(other.state()).isEqualTo(WorkerState.RUNNING);
        assertThat(other.termination()).isNotDone();
      }
      dropped.create().publish(ONE);
      try (Worker second = dropped.consume(delivery -> done())) {
        Eventually.is("a new worker serves the new queue", () -> second.stats().done() == 1);
      }
      first.close();
      first.resume();
      assertThat(first.state()).isEqualTo(WorkerState.FAILED);
      assertThat(first.stats().done()).isEqualTo(1);
      assertThat(logged.about("worker of dropped")).hasSize(1);
    }
  }

  @Test
  void soDoesAPipelineAndAWorkerWhoseHandlerIsBusy() throws InterruptedException {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Stream<Json> stream = howdah.stream("source").create();
      Queue<Json> busy = howdah.queue("busy").create();
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch goOn = new CountDownLatch(1);
      AtomicLong ended = new AtomicLong();
      Worker worker = busy.consume(delivery -> {
        begun.countDown();
        goOn.await();
        ended.incrementAndGet();
        return done();
      });
      Worker pipeline = stream.subscribe("piped", StartPosition.now()).pipeline(Pipeline.of((message) -> message));
      busy.publish(ONE);
      begun.await();
      busy.drop(true);
      howdah.subscription("piped").drop(true);
      assertEnded(pipeline, "piped");
      goOn.countDown();
      assertEnded(worker, "busy");
      Eventually.is("the handler has come to its end", () -> ended.get() == 1);
      assertThat(worker.stats().done()).isZero();
    }
  }

  @Test
  void aDisabledWorkerEndsWhenItIsResumedAndOneThatIsClosedWithoutAnError() throws Exception {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("paused").create();
      Worker worker = queue.consume(delivery -> done());
      Worker closed = queue.consume(delivery -> done());
      closed.close();
      closed.termination().get(60, TimeUnit.SECONDS);
      assertThat(closed.state()).isEqualTo(WorkerState.CLOSED);
      assertThat(closed.failure()).isEmpty();
      worker.pause();
      queue.drop(true);
      worker.resume();
      assertEnded(worker, "paused");
    }
  }

  @Test
  void anExpiredSubscriptionIsNamedWithTheReason() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Stream<Json> stream = howdah.stream("shortlived").create();
      stream.subscribe("gone", StartPosition.now());
      Worker worker = howdah.subscription("gone").consume(delivery -> done());
      database.query("""
          insert into howdah.expired (name, stream, expires_after, at, lost)
          select 'gone', 'shortlived', '1 s', now(), 0 where howdah.drop_subscription('gone', true)
          returning 1""");
      assertEnded(worker, "gone");
      assertThat(worker.failure().orElseThrow()).hasMessageContaining("expired");
    }
  }

  /** While a dump is restored its subscriptions are not there yet, and afterwards they may be those of yesterday. */
  @Test
  void aRestoreIsNoDrop() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("restored").create();
      try (Worker worker = queue.consume(delivery -> done())) {
        queue.publish(ONE);
        Eventually.is("the first message is handled", () -> worker.stats().done() == 1);
        try (var restore = database.session("restore")) {
          restore.begin();
          restore.execute("update howdah.subscription set name = 'restored-away' where name = 'restored'");
          restore.execute("refresh materialized view howdah.birth with no data");
          restore.commit();
          Eventually.is("the worker has noticed", () -> worker.stats().outages() == 1);
          wakeTwice(worker);
          assertThat(worker.failure()).isEmpty();
          restore.execute("refresh materialized view howdah.birth");
          wakeTwice(worker);
          assertThat(worker.failure()).isEmpty();
          assertThat(worker.state()).isEqualTo(WorkerState.UNAVAILABLE);
          restore.execute("update howdah.subscription set name = 'restored' where name = 'restored-away'");
        }
        queue.publish(ONE);
        Eventually.is("it goes on", () -> worker.stats().done() == 2);
        queue.drop(true);
        assertEnded(worker, "restored");
      }
    }
  }

  /** Until the database has been asked about the worker's subscription again, and once more. */
  private void wakeTwice(Worker worker) {
    for (int i = 0; i < 2; i++) {
      long before = asked();
      worker.wake();
      Eventually.is("the worker has asked again", () -> asked() > before);
    }
  }

  private long asked() {
    return database.number("select sum(xact_rollback) from pg_stat_database where datname = current_database()");
  }

  @Test
  void aStandbyThatLagsIsNoDrop() {
    assertThat(database.text("select howdah.is_dropped('nobody', howdah.database_identity())")).isEqualTo("true");
    assertThat(database.text("select howdah.is_dropped('nobody', 'another database')")).isEqualTo("false");
    assertThat(database.text("select howdah.is_dropped('nobody', null)")).isEqualTo("false");
  }
}
