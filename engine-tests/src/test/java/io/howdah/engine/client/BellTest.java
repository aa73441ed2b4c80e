package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.Stream;
import io.howdah.Subscription;
import io.howdah.Worker;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.PoolerProxy;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The poll is stretched to minutes and nobody is told what has stirred, so that only the bell can have woken a worker in time.
 */
@HowdahTest
class BellTest {

  private static final HowdahOptions NO_POLL = HowdahOptions.defaults().withPollInterval(Duration.ofMinutes(5));

  private final TestDatabase database;

  BellTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeAll
  static void nobodyWatches(TestDatabase database) {
    database.sabotage("bell/stirred.sql", "v_stirred := v_stirred || v_sub.id", "null");
  }

  private long marks() {
    return database.number("select count(*) from howdah.sleeper");
  }

  private void awaitMark(long count) {
    Eventually.is("an idle worker has left its mark", () -> marks() >= count);
  }

  private static void arrives(BlockingQueue<String> handled, String payload) throws InterruptedException {
    assertThat(handled.poll(10, TimeUnit.SECONDS)).isEqualTo(payload);
  }

  @Test
  void aPublisherOfAnotherProcessWakesAnIdleWorker() throws InterruptedException {
    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Howdah consuming = Howdah.open(database.dataSource(), NO_POLL);
        Howdah publishing = Howdah.open(database.dataSource())) {
      Queue<Json> queue = publishing.queue("other-process").create();
      try (Worker worker = consuming.queue("other-process").consume(delivery -> {
        handled.add(delivery.rawPayload());
        return done();
      })) {
        awaitMark(1);
        queue.publish(new Json("1"));
        arrives(handled, "1");
        queue.publishAll(java.util.List.of(new Json("2")));
        arrives(handled, "2");
        assertThat(worker.stats().outages()).isZero();
      }
      assertThat(marks()).isZero();
    }
  }

  @Test
  void aPublisherOfTheSameProcessWakesItInMemory() throws InterruptedException {
    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Howdah howdah = Howdah.open(database.dataSource(), NO_POLL.withRing(false))) {
      Stream<Json> stream = howdah.stream("memory").create();
      Subscription<Json> subscription = stream.subscribe("memory-reader");
      try (Worker worker = subscription.consume(delivery -> {
        handled.add(delivery.rawPayload());
        return done();
      })) {
        awaitMark(1);
        stream.publish(new Json("1"));
        arrives(handled, "1");
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }

  @Test
  void aCommitOfTheCallersTransactionWakesItTooIfItComesSoon() throws Exception {
    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Howdah consuming = Howdah.open(database.dataSource(), NO_POLL);
        Howdah publishing = Howdah.open(database.dataSource());
        Connection tx = database.connect()) {
      Queue<Json> queue = publishing.queue("callers-commit").create();
      try (Worker worker = consuming.queue("callers-commit").consume(delivery -> {
        handled.add(delivery.rawPayload());
        return done();
      })) {
        awaitMark(1);
        tx.setAutoCommit(false);
        queue.in(tx).publish(new Json("1"));
        LockSupport.parkNanos(20_000_000); // longer than the first echoes
        tx.commit();
        arrives(handled, "1");
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }

  @Test
  void noWakeUpIsLostHoweverTheWorkerFallsAsleep() throws InterruptedException {
    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Howdah consuming = Howdah.open(database.dataSource(), NO_POLL);
        Howdah publishing = Howdah.open(database.dataSource())) {
      Queue<Json> queue = publishing.queue("never-lost").create();
      try (Worker worker = consuming.queue("never-lost").consume(delivery -> {
        handled.add(delivery.rawPayload());
        return done();
      })) {
        for (int i = 0; i < 300; i++) {
          queue.publish(new Json(Integer.toString(i)));
          arrives(handled, Integer.toString(i));
          LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(i % 10 == 0 ? 100_000_000 : 4_000_000));
        }
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }

  @Test
  void aScheduledMessageWakesNobodyTooLate() throws InterruptedException {
    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Howdah howdah = Howdah.open(database.dataSource(), NO_POLL)) {
      Queue<Json> queue = howdah.queue("scheduled").create();
      try (Worker worker = queue.consume(delivery -> {
        handled.add(delivery.rawPayload());
        return done();
      })) {
        awaitMark(1);
        queue.publish(io.howdah.Message.of(new Json("1")).withDelay(Duration.ofMillis(1_500)));
        arrives(handled, "1");
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }

  @Test
  void behindATransactionPoolerWorkersPoll() throws InterruptedException {
    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (PoolerProxy pooler = PoolerProxy.to(database, 3);
        Howdah consuming = Howdah.open(pooler.dataSource(), NO_POLL);
        Howdah publishing = Howdah.open(pooler.dataSource(), NO_POLL)) {
      Queue<Json> queue = publishing.queue("pooled").create();
      try (Worker worker = consuming.queue("pooled").consume(delivery -> {
        handled.add(delivery.rawPayload());
        return done();
      }); var publisher = queue.publisher()) {
        for (int i = 0; i < 20; i++) {
          LockSupport.parkNanos(i % 10 == 0 ? 300_000_000 : 1_000_000);
          publisher.publish(new Json(Integer.toString(i))).join();
          arrives(handled, Integer.toString(i));
        }
        assertThat(marks()).isZero();
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }

  @Test
  void aListeningConnectionThatHasGoneDeadIsNoticedAndWorkersPoll() throws InterruptedException {
    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (FaultProxy proxy = FaultProxy.to(database);
        Howdah consuming = Howdah.open(database.dataSource(), NO_POLL.withListenSource(proxy.dataSource()));
        Howdah publishing = Howdah.open(database.dataSource())) {
      Queue<Json> queue = publishing.queue("dead-peer").create();
      try (Worker worker = consuming.queue("dead-peer").consume(delivery -> {
        handled.add(delivery.rawPayload());
        return done();
      })) {
        awaitMark(1);
        proxy.stall();
        queue.publish(new Json("1"));
        arrives(handled, "1");
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }
}
