package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.reject;
import static io.howdah.Outcome.retryIn;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.TransactionalHandler;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class TransactionalHandlerTest {

  private static final WorkerOptions FOUR_HANDS = WorkerOptions.defaults().withConcurrency(4);

  private final TestDatabase database;
  private final TestClock clock;
  private final Howdah howdah;

  TransactionalHandlerTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.howdah = Howdah.open(database.dataSource());
  }

  @BeforeEach
  void table() {
    database.query("create table if not exists effect (queue text, payload text,"
        + " constraint sane check (payload <> 'insane'))");
  }

  @AfterEach
  void close() {
    howdah.close();
    clock.reset();
  }

  private static void write(Connection transaction, String queue, String payload) throws SQLException {
    try (PreparedStatement insert = transaction.prepareStatement("insert into effect values (?, ?)")) {
      insert.setString(1, queue);
      insert.setString(2, payload);
      insert.executeUpdate();
    }
  }

  private List<String> effects(String queue) {
    return database.texts("select payload from effect where queue = ? order by payload::int", queue);
  }

  private static int backend(Connection transaction) throws SQLException {
    try (Statement statement = transaction.createStatement();
        ResultSet rows = statement.executeQuery("select pg_backend_pid()")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  /** Runs the handler on one message until it is done, its retries at once; the effects are then there once. */
  private void isDoneOnce(String name, TransactionalHandler<Json> handler) {
    Queue<Json> queue = howdah.queue(name).create();
    queue.publish(new Json("1"));
    try (Worker worker = queue.consumeInTransaction(handler, FOUR_HANDS)) {
      Eventually.is("it is done", () -> worker.stats().done() == 1);
    }
    assertThat(effects(name)).containsExactly("1");
    assertThat(queue.stats().inFlight() + queue.stats().ready() + queue.stats().scheduled()).isZero();
  }

  @Test
  void effectsAndTheirSettlingCommitTogether() {
    Queue<Json> queue = howdah.queue("together").create();
    List<Json> payloads = IntStream.range(0, 200).mapToObj(i -> new Json(Integer.toString(i))).toList();
    queue.publishAll(payloads);
    try (Worker worker = queue.consumeInTransaction((delivery, transaction) -> {
      write(transaction, "together", delivery.rawPayload());
      return done();
    }, FOUR_HANDS)) {
      Eventually.is("all are done", () -> worker.stats().done() == 200);
      assertThat(worker.stats().lapsed()).isZero();
    }
    assertThat(effects("together")).hasSize(200).doesNotHaveDuplicates();
    assertThat(queue.stats().inFlight() + queue.stats().ready()).isZero();
  }

  @Test
  void anExceptionAfterTheWriteLeavesNeither() {
    isDoneOnce("exception", (delivery, transaction) -> {
      write(transaction, "exception", delivery.rawPayload());
      if (delivery.attempt() == 1) {
        throw new IllegalStateException("after the write");
      }
      return done();
    });
  }

  @Test
  void aWriteThatFailsRollsBackAndIsRetriedEvenIfTheHandlerHidesIt() {
    isDoneOnce("hidden", (delivery, transaction) -> {
      write(transaction, "hidden", delivery.rawPayload());
      if (delivery.attempt() == 1) {
        try {
          write(transaction, "hidden", "insane");
        } catch (SQLException e) {
          return done();
        }
      }
      return done();
    });
  }

  @Test
  void aConstraintThatFailsAtTheCommitIsAFailureToo() {
    database.query("create table parent (id int primary key)");
    database.query("create table child (id int references parent deferrable initially deferred)");
    isDoneOnce("deferred", (delivery, transaction) -> {
      write(transaction, "deferred", delivery.rawPayload());
      if (delivery.attempt() == 1) {
        try (Statement statement = transaction.createStatement()) {
          statement.execute("insert into child values (7)");
        }
      }
      return done();
    });
  }

  @Test
  void aCrashBetweenTheWriteAndTheSettlingLeavesNeitherAndCountsNothing() {
    AtomicInteger calls = new AtomicInteger();
    isDoneOnce("crash", (delivery, transaction) -> {
      assertThat(delivery.attempt()).isEqualTo(1);
      write(transaction, "crash", delivery.rawPayload());
      if (calls.incrementAndGet() == 1) {
        database.query("select pg_terminate_backend(?, 5000)", backend(transaction));
      }
      return done();
    });
    assertThat(calls.get()).isEqualTo(2);
  }

  @Test
  void whoHasLostTheLeaseWritesNothing() {
    Queue<Json> queue = howdah.queue("lapsed").create();
    queue.publish(new Json("1"));
    try (Worker worker = queue.consumeInTransaction((delivery, transaction) -> {
      write(transaction, "lapsed", delivery.rawPayload());
      clock.advance(Duration.ofMinutes(1));
      assertThat(queue.claim(1, Duration.ofHours(1)).size()).isEqualTo(1);
      return done();
    }, WorkerOptions.defaults().withConcurrency(1))) {
      Eventually.is("the worker knows", () -> worker.stats().lapsed() == 1);
      assertThat(worker.stats().done()).isZero();
    }
    assertThat(effects("lapsed")).isEmpty();
  }

  @Test
  void anAnswerOtherThanDoneCommitsWhatWasWritten() {
    Queue<Json> queue = howdah.queue("answers").create();
    queue.publishAll(List.of(new Json("1"), new Json("2"), new Json("3")));
    try (Worker worker = queue.consumeInTransaction((delivery, transaction) -> {
      write(transaction, "answers", delivery.rawPayload());
      return switch (delivery.rawPayload()) {
        case "1" -> done();
        case "2" -> reject("no");
        default -> retryIn(Duration.ofHours(1), "later");
      };
    }, FOUR_HANDS)) {
      Eventually.is("all are settled",
          () -> worker.stats().done() == 1 && worker.stats().rejected() == 1 && worker.stats().retried() == 1);
    }
    assertThat(effects("answers")).containsExactly("1", "2", "3");
    assertThat(queue.stats().dead()).isEqualTo(1);
    assertThat(queue.stats().scheduled()).isEqualTo(1);
  }

  @Test
  void aStatementThatTakesTooLongIsCancelledAndItsConnectionUsedAgain() {
    AtomicInteger first = new AtomicInteger();
    AtomicInteger second = new AtomicInteger();
    Queue<Json> queue = howdah.queue("slow").create();
    queue.publish(new Json("1"));
    try (Worker worker = queue.consumeInTransaction((delivery, transaction) -> {
      write(transaction, "slow", delivery.rawPayload());
      (delivery.attempt() == 1 ? first : second).set(backend(transaction));
      if (delivery.attempt() == 1) {
        try (Statement statement = transaction.createStatement()) {
          statement.execute("select pg_sleep(60)");
        }
      }
      return done();
    }, WorkerOptions.defaults().withConcurrency(1).withTimeLimit(Duration.ofMillis(300)))) {
      Eventually.is("it is cancelled", () -> worker.stats().timeouts() == 1 && worker.stats().stuck() == 0);
      assertThat(database.number("select count(*) from pg_stat_activity where pid = ?", first.get())).isEqualTo(1);
      Eventually.is("it is done at last", () -> worker.stats().done() == 1);
      assertThat(worker.stats().retried()).isEqualTo(1);
      assertThat(worker.stats().outages()).isZero();
    }
    assertThat(effects("slow")).containsExactly("1");
  }

  @Test
  void aHandlerThatSleepsInItsTransactionIsInterruptedAndRolledBack() {
    Queue<Json> queue = howdah.queue("sleeping").create();
    queue.publish(new Json("1"));
    try (Worker worker = queue.consumeInTransaction((delivery, transaction) -> {
      write(transaction, "sleeping", delivery.rawPayload());
      if (delivery.attempt() == 1) {
        new CountDownLatch(1).await();
      }
      return done();
    }, WorkerOptions.defaults().withTimeLimit(Duration.ofMillis(300)))) {
      Eventually.is("it is done at last", () -> worker.stats().done() == 1);
      assertThat(worker.stats().timeouts()).isEqualTo(1);
    }
    assertThat(effects("sleeping")).containsExactly("1");
  }

  @Test
  void theHandlerMayNotEndTheTransactionButMayUseSavepoints() throws InterruptedException {
    Queue<Json> queue = howdah.queue("refused").create();
    queue.publish(new Json("1"));
    BlockingQueue<String> refusals = new LinkedBlockingQueue<>();
    try (Worker worker = queue.consumeInTransaction((delivery, transaction) -> {
      for (int i = 0; i < 2; i++) {
        try {
          if (i == 0) {
            transaction.commit();
          } else {
            transaction.createStatement().getConnection().rollback();
          }
        } catch (SQLException e) {
          refusals.add(String.valueOf(e.getMessage()));
        }
      }
      var savepoint = transaction.setSavepoint();
      write(transaction, "refused", "2");
      transaction.rollback(savepoint);
      write(transaction, "refused", delivery.rawPayload());
      transaction.close();
      return done();
    }, FOUR_HANDS)) {
      for (int i = 0; i < 2; i++) {
        assertThat(refusals.poll(20, TimeUnit.SECONDS)).contains("may not call");
      }
      Eventually.is("it is done", () -> worker.stats().done() == 1);
    }
    assertThat(effects("refused")).containsExactly("1");
  }

  @Test
  void aBatchCommitsAsOneOrNotAtAll() {
    Queue<Json> queue = howdah.queue("batch").create();
    queue.publishAll(List.of(new Json("1"), new Json("2"), new Json("3")));
    try (Worker worker = queue.consumeBatchesInTransaction((batch, transaction) -> {
      Outcomes outcomes = Outcomes.done();
      for (Delivery<Json> delivery : batch) {
        write(transaction, "batch", delivery.rawPayload());
        if (delivery.rawPayload().equals("2")) {
          outcomes = outcomes.except(delivery, reject("no"));
        }
      }
      if (batch.getFirst().attempt() == 1) {
        throw new IllegalStateException("after the writes");
      }
      return outcomes;
    }, FOUR_HANDS)) {
      Eventually.is("all are settled", () -> worker.stats().done() == 2 && worker.stats().rejected() == 1);
      assertThat(worker.stats().retried()).isEqualTo(3);
    }
    assertThat(effects("batch")).containsExactly("1", "2", "3");
  }
}
