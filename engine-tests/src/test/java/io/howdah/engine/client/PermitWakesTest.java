package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Batch;
import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.LimitOptions;
import io.howdah.Message;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** The poll is stretched to minutes, and leases too, so that only who gives a permit back can have woken who waits for it. */
@HowdahTest
class PermitWakesTest {
  private static final HowdahOptions NO_POLL = HowdahOptions.defaults().withPollInterval(Duration.ofMinutes(5));
  private static final Duration LONG = Duration.ofMinutes(10);

  private final TestDatabase database;
  private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();
  private final Howdah here;
  private final Howdah there;

  PermitWakesTest(TestDatabase database) {
    this.database = database;
    this.here = Howdah.open(database.dataSource(), NO_POLL);
    this.there = Howdah.open(database.dataSource(), NO_POLL);
  }

  @BeforeEach
  void nobodySleeps() {
    assertThat(marks()).isZero();
  }

  @AfterEach
  void close() {
    here.close();
    there.close();
    database.heal();
  }

  private long marks() {
    return database.number("select count(*) from howdah.sleeper");
  }

  private Queue<Json> queue(String name, LimitOptions limits) {
    Queue<Json> queue = here.queue(name).create(limits);
    queue.publishAllMessages(List.of(Message.of(new Json("1")).withKey("x"), Message.of(new Json("2")).withKey("x")));
    return queue;
  }

  /** A worker of another process, which has found nothing for so long that it sleeps. */
  private Worker waiting(String name) {
    Worker worker = there.queue(name).consume(delivery -> {
      handled.add(delivery.rawPayload());
      return done();
    }, WorkerOptions.defaults().withOwner("another"));
    Eventually.is("the worker sleeps", () -> marks() > 0);
    return worker;
  }

  private void arrives(String payload) throws InterruptedException {
    assertThat(handled.poll(10, TimeUnit.SECONDS)).isEqualTo(payload);
  }

  @Test
  void aBatchThatIsDoneWakesWhoWaitsForItsPermit() throws InterruptedException {
    Queue<Json> queue = queue("done", LimitOptions.none().withConcurrency(1));
    Batch<Json> batch = queue.claim(1, LONG);
    try (Worker worker = waiting("done")) {
      batch.done();
      arrives("2");
      assertThat(worker.stats().outages()).isZero();
    }
  }

  @Test
  void aBatchThatIsHandedBackWakesWhoWaitsForItsPermit() throws InterruptedException {
    Queue<Json> queue = queue("back", LimitOptions.none().withConcurrency(1));
    Batch<Json> batch = queue.claim(1, LONG);
    try (Worker worker = waiting("back")) {
      batch.close();
      assertThat(handled.poll(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(handled.poll(10, TimeUnit.SECONDS)).isNotNull();
      assertThat(worker.stats().outages()).isZero();
    }
  }

  @Test
  void aBatchThatIsSettledInTheCallersTransactionWakesAfterItsCommit() throws Exception {
    Queue<Json> queue = queue("callers", LimitOptions.none().withConcurrency(1));
    Batch<Json> batch = queue.claim(1, LONG);
    try (Worker worker = waiting("callers"); Connection tx = database.connect()) {
      tx.setAutoCommit(false);
      batch.settle(tx, io.howdah.Outcomes.done());
      tx.commit();
      arrives("2");
      assertThat(worker.stats().outages()).isZero();
    }
  }

  @Test
  void whoSettlesAMessageOfAKeyWakesWhoWaitsForThatKey() throws InterruptedException {
    Queue<Json> queue = queue("key", LimitOptions.none().withKeyConcurrency(1));
    Batch<Json> batch = queue.claim(1, LONG);
    try (Worker worker = waiting("key")) {
      batch.done();
      arrives("2");
      assertThat(worker.stats().outages()).isZero();
    }
  }

  @Test
  void aWorkerThatIsClosedWakesWhoStandsBy() throws InterruptedException {
    Queue<Json> queue = queue("single", LimitOptions.none().withSingleActive(true));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Worker active = queue.consume(delivery -> {
      begun.countDown();
      assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
      return done();
    }, WorkerOptions.defaults().withConcurrency(1).withLease(LONG).withOwner("active"));
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    try (Worker worker = waiting("single")) {
      Thread closing = Thread.ofVirtual().start(active::close);
      end.countDown();
      closing.join();
      arrives("2");
      assertThat(worker.stats().outages()).isZero();
    }
  }

  @Test
  void aWorkerThatSettlesMoreThanItClaimsWakesOthers() throws InterruptedException {
    Queue<Json> queue = queue("worker", LimitOptions.none().withKeyConcurrency(1));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    try (Worker holding = queue.consume(delivery -> {
      begun.countDown();
      assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
      return done();
    }, WorkerOptions.defaults().withConcurrency(1).withLease(LONG))) {
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      try (Worker worker = waiting("worker")) {
        holding.pause();
        end.countDown();
        arrives("2");
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }

  @Test
  void whereNobodyWaitsNobodyIsNotified() throws SQLException {
    Queue<Json> queue = queue("quiet", LimitOptions.none().withConcurrency(1).withKeyConcurrency(1));
    try (Connection ear = database.connect(); Statement listen = ear.createStatement()) {
      listen.execute("listen howdah");
      for (int i = 0; i < 2; i++) {
        queue.claim(1, LONG).done();
      }
      here.close(); // has rung whatever there was to ring
      assertThat(ear.unwrap(PGConnection.class).getNotifications(200)).isNullOrEmpty();
    }
  }

  @Test
  void aClaimThatWaitsForARateLooksWhenItPermitsMoreInsteadOfPolling() {
    database.query("create sequence public.looks");
    database.sabotage("may_claim", "select p.* into v_permit",
        "perform nextval('public.looks'); select p.* into v_permit");
    Queue<Json> queue = queue("rate", LimitOptions.none().withRate(1, Duration.ofSeconds(3)));
    queue.claim(1, LONG).done();
    long before = database.number("select nextval('public.looks')");
    try (Batch<Json> batch = queue.claim(1, LONG, Duration.ofSeconds(20))) {
      assertThat(batch.size()).isEqualTo(1);
    }
    assertThat(database.number("select nextval('public.looks')") - before).isLessThanOrEqualTo(6);
  }

  @Test
  void aClaimThatWaitsForTheRateOfAKeyIsHurriedByAMessageOfAnother() {
    Queue<Json> queue = queue("hurried", LimitOptions.none().withKeyRate(1, Duration.ofHours(1)));
    queue.claim(1, LONG).done();
    Thread.ofVirtual().start(() -> {
      Eventually.is("the claim sleeps", () -> marks() > 0);
      there.queue("hurried").publish(Message.of(new Json("3")).withKey("y"));
    });
    try (Batch<Json> batch = queue.claim(1, LONG, Duration.ofSeconds(20))) {
      assertThat(batch.deliveries().getFirst().rawPayload()).isEqualTo("3");
    }
  }

  @Test
  void aWorkerThatWaitsForTheRateOfAKeyHandlesItWhenItsTurnComes() throws InterruptedException {
    queue("turn", LimitOptions.none().withKeyRate(1, Duration.ofSeconds(2)));
    long begin = System.nanoTime();
    try (Worker worker = there.queue("turn").consume(delivery -> {
      handled.add(delivery.rawPayload());
      return done();
    })) {
      arrives("1");
      arrives("2");
      assertThat(System.nanoTime() - begin).isGreaterThan(Duration.ofSeconds(2).toNanos());
      assertThat(worker.stats().outages()).isZero();
    }
  }
}
