package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.ErrorCode;
import io.howdah.FailureOptions;
import io.howdah.Handler;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * What giddie's message queue was tested for. Some of it is told elsewhere:
 * <ul>
 * <li>the table of patterns: {@code PatternsTest}, {@link RoutesTest}
 * <li>empty, ready and later, with a delayed message and one in flight:
 * {@code QueueOperationsTest.theStateIsEmptyReadyOrATime}
 * <li>a handler of one's own: {@link WorkerSettlesPerMessageTest}, {@link RoutesTest}
 * <li>a handler's writes roll back when it fails: {@link TransactionalHandlerTest}
 * <li>the handler crashes: {@link HandlerFailuresTest}; its process: {@code KilledConsumerTest}, {@code PoisonTest}
 * <li>a fixed back-off, a function, one that crashes: {@link RetryPolicyTest}
 * <li>the listening connection goes dead: {@link BellTest}
 * </ul>
 */
@HowdahTest
class MessageQueueScenariosTest {

  private static final WorkerOptions ONE_HAND = WorkerOptions.defaults().withConcurrency(1);
  private static final RetryPolicy AT_ONCE = RetryPolicy.none();
  private static final RetryPolicy SOON = RetryPolicy.fixed(Duration.ofMillis(200));

  private final TestDatabase database;
  private final Howdah howdah;

  MessageQueueScenariosTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private static List<Json> payloads(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> new Json(Integer.toString(i))).toList();
  }

  private Queue<Json> strict(String name, String backoff) {
    database.query("select howdah.create_queue(?, json_build_object('ordering', 'strict', 'backoff', 'fixed', 'delay', "
        + "?::text))", name, backoff);
    return howdah.queue(name);
  }

  private static void isLeftEmpty(Queue<Json> queue) {
    Eventually.is("nothing is left",
        () -> queue.stats().ready() + queue.stats().inFlight() + queue.stats().scheduled() == 0);
    assertThat(queue.stats().dead()).isZero();
  }

  /** What cannot be written as JSON. */
  static final class Unwritable {
    public String getText() {
      throw new IllegalStateException("on purpose: it cannot be written");
    }
  }

  @Test
  void aPayloadThatCannotBeWrittenIsRefusedAndLeavesTheTransactionUsable() throws Exception {
    Queue<Unwritable> queue = howdah.queue("unwritable", Unwritable.class).create();
    try (Connection tx = database.connect()) {
      tx.setAutoCommit(false);
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> queue.in(tx).publish(new Unwritable()))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
      howdah.queue("unwritable").in(tx).publish(new Json("1"));
      tx.commit();
    }
    assertThat(queue.stats().published()).isEqualTo(1);
  }

  @Test
  void whatAHandlerPublishesInItsTransactionRollsBackWhenItFails() {
    Queue<Json> queue = howdah.queue("publishing-handler").create(AT_ONCE);
    Queue<Json> next = howdah.queue("next").create();
    queue.publish(new Json("1"));
    AtomicInteger calls = new AtomicInteger();
    try (Worker worker = queue.consumeInTransaction((delivery, transaction) -> {
      next.in(transaction).publish(new Json(Integer.toString(calls.incrementAndGet())));
      if (calls.get() < 3) {
        throw new IllegalStateException("on purpose");
      }
      return done();
    }, ONE_HAND)) {
      Eventually.is("it is done", () -> worker.stats().done() == 1);
    }
    assertThat(database.texts("select payload from howdah.peek('next', 10)")).containsExactly("3");
  }

  @Test
  void delaysOfOneAndTwoSecondsAreKeptAndHoldUpNobody() throws InterruptedException {
    Queue<Json> queue = howdah.queue("delays").create();
    Map<String, Long> arrived = new ConcurrentHashMap<>();
    CountDownLatch all = new CountDownLatch(3);
    long begun = System.nanoTime();
    queue.publish(Message.of(new Json("2")).withDelay(Duration.ofSeconds(2)));
    queue.publish(Message.of(new Json("1")).withDelay(Duration.ofSeconds(1)));
    queue.publish(new Json("0"));
    try (Worker worker = queue.consume(delivery -> {
      arrived.put(delivery.rawPayload(), (System.nanoTime() - begun) / 1_000_000);
      all.countDown();
      return done();
    })) {
      assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
      Eventually.is("all are done", () -> worker.stats().done() == 3);
    }
    assertThat(arrived.get("0")).isLessThan(arrived.get("1"));
    assertThat(arrived.get("1")).isBetween(999L, arrived.get("2"));
    assertThat(arrived.get("2")).isGreaterThanOrEqualTo(1_999);
  }

  @Test
  void aHundredMessagesOfAStrictQueueAreHandledInTheirOrder() {
    Queue<Json> queue = strict("hundred", "0 s");
    queue.publishAll(payloads(100));
    List<String> handled = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger calls = new AtomicInteger();
    try (Worker worker = queue.consume(delivery -> {
      if (calls.incrementAndGet() % 10 == 0) {
        throw new IllegalStateException("on purpose");
      }
      handled.add(delivery.rawPayload());
      return done();
    }, ONE_HAND)) {
      Eventually.is("all are done", () -> worker.stats().done() == 100);
    }
    assertThat(handled).isEqualTo(payloads(100).stream().map(Json::text).toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aMessageThatArrivesDuringABackOffWaitsBehindItOnlyWhereTheQueueIsStrict(boolean strict) {
    String name = "during-back-off-" + strict;
    Queue<Json> queue = strict ? strict(name, "500 ms") : howdah.queue(name).create(SOON);
    List<String> handled = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch failed = new CountDownLatch(1);
    queue.publish(new Json("\"first\""));
    try (Worker worker = queue.consume(delivery -> {
      if (delivery.attempt() == 1 && delivery.rawPayload().contains("first")) {
        failed.countDown();
        throw new IllegalStateException("on purpose");
      }
      handled.add(delivery.rawPayload());
      return done();
    }, ONE_HAND)) {
      Eventually.is("it waits",
          () -> failed.getCount() == 0 && queue.stats().scheduled() + queue.stats().blocked() > 0);
      queue.publish(new Json("\"second\""));
      Eventually.is("both are done", () -> worker.stats().done() == 2);
    }
    assertThat(handled)
        .containsExactlyElementsOf(strict ? List.of("\"first\"", "\"second\"") : List.of("\"second\"", "\"first\""));
  }

  @ParameterizedTest
  @CsvSource({"2, 1, false", "2, 1, true", "5, 5, false", "5, 5, true"})
  void batchesAreHandledWholeAndAFailingOneComesBackWhole(int size, int concurrency, boolean crashing) {
    String name = "batches-" + size + "-" + crashing;
    Queue<Json> queue = howdah.queue(name).create(AT_ONCE);
    queue.publishAll(payloads(100));
    Map<String, Integer> failed = new ConcurrentHashMap<>();
    Map<String, Integer> handled = new ConcurrentHashMap<>();
    try (Worker worker = queue.consumeBatches(batch -> {
      assertThat(batch).hasSizeLessThanOrEqualTo(size);
      if (crashing && batch.getFirst().attempt() == 1) {
        batch.forEach(delivery -> failed.merge(delivery.rawPayload(), 1, Integer::sum));
        throw new IllegalStateException("on purpose");
      }
      batch.forEach(delivery -> handled.merge(delivery.rawPayload(), 1, Integer::sum));
      return Outcomes.done();
    }, WorkerOptions.defaults().withFetch(size).withConcurrency(concurrency))) {
      Eventually.is("all are done", () -> worker.stats().done() == 100);
    }
    assertThat(handled).hasSize(100).allSatisfy((payload, times) -> assertThat(times).isEqualTo(1));
    assertThat(failed).hasSize(crashing ? 100 : 0);
    isLeftEmpty(queue);
  }

  @ParameterizedTest
  @CsvSource({"false, none", "true, none", "true, policy", "true, function"})
  void twoHandsHandleEachMessageOnceWhateverFails(boolean crashing, String backoff) {
    String name = "two-hands-" + crashing + "-" + backoff;
    Queue<Json> queue = howdah.queue(name).create(backoff.equals("policy") ? SOON : AT_ONCE);
    queue.publishAll(payloads(40));
    Map<String, Integer> handled = new TreeMap<>();
    Handler<Json> handler = delivery -> {
      if (crashing && delivery.attempt() < 3 && Integer.parseInt(delivery.rawPayload()) % 4 == 0) {
        throw new IllegalStateException("on purpose");
      }
      synchronized (handled) {
        handled.merge(delivery.rawPayload(), delivery.attempt(), Integer::sum);
      }
      return done();
    };
    FailureOptions failures = backoff.equals("function")
        ? FailureOptions.defaults().withBackoff((attempt, e) -> Duration.ofMillis(50L * attempt))
        : FailureOptions.defaults();
    try (Worker worker = queue.consume(handler, WorkerOptions.defaults().withConcurrency(2).withFailures(failures))) {
      Eventually.is("all are done", () -> worker.stats().done() == 40);
      assertThat(worker.stats().retried()).isEqualTo(crashing ? 20 : 0);
      assertThat(worker.stats().badBackoffs()).isZero();
    }
    assertThat(handled).hasSize(40).allSatisfy(
        (payload, attempt) -> assertThat(attempt).isEqualTo(crashing && Integer.parseInt(payload) % 4 == 0 ? 3 : 1));
    isLeftEmpty(queue);
  }

  @Test
  void aListenerThatWasLostComesBackAndWakesTheWorkerAgain() throws InterruptedException {
    PGSimpleDataSource ear = new PGSimpleDataSource();
    ear.setUrl(database.url());
    ear.setApplicationName("lost-ear");
    HowdahOptions rarely = HowdahOptions.defaults().withPollInterval(Duration.ofMinutes(5)).withListenSource(ear);
    Map<String, CountDownLatch> handled = Map.of("1", new CountDownLatch(1), "2", new CountDownLatch(1), "3",
        new CountDownLatch(1));
    try (Howdah consuming = Howdah.open(database.dataSource(), rarely);
        Worker worker = consuming.queue("lost-listener").create().consume(delivery -> {
          handled.get(delivery.rawPayload()).countDown();
          return done();
        })) {
      Eventually.is("it sleeps", () -> database.number("select count(*) from howdah.sleeper") == 1);
      howdah.queue("lost-listener").publish(new Json("1"));
      assertThat(handled.get("1").await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(database.number(
          "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = " + "'lost-ear'"))
          .isEqualTo(1);
      howdah.queue("lost-listener").publish(new Json("2"));
      assertThat(handled.get("2").await(20, TimeUnit.SECONDS)).as("published while nobody listens").isTrue();
      Eventually.is("it listens again",
          () -> database.number("select count(*) from pg_stat_activity where application_name = 'lost-ear'") == 1);
      howdah.queue("lost-listener").publish(new Json("3"));
      assertThat(handled.get("3").await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(worker.stats().outages()).isZero();
    }
  }
}
