package io.howdah.testkit;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.reject;
import static io.howdah.Outcome.release;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Codec;
import io.howdah.Cron;
import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.JobOptions;
import io.howdah.Jobs;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.Subscription;
import io.howdah.TransactionalHandler;
import io.howdah.Worker;
import io.howdah.testkit.TestBroker.Handled;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class TestBrokerTest {
  private final TestDatabase database;
  private final TestBroker broker;
  private final TestClock clock;

  TestBrokerTest(TestDatabase database, TestBroker broker, TestClock clock) {
    this.database = database;
    this.broker = broker;
    this.clock = clock;
  }

  @AfterEach
  void clear() {
    broker.clear();
    clock.reset();
  }

  @Test
  void allThatIsReadyOrDueIsHandledOnTheTestsOwnThread(Howdah howdah) {
    assertThat(howdah).isSameAs(broker.howdah());
    Queue<Json> queue = howdah.queue("all").create();
    queue.publishAll(List.of(new Json("1"), new Json("2"), new Json("3"), new Json("\"unreadable\"")));
    queue.publish(Message.of(new Json("4")).withDelay(Duration.ofMinutes(5)));
    List<Integer> seen = new ArrayList<>();
    Queue<Integer> numbers = howdah.queue("all", Codec.of(String::valueOf, Integer::valueOf));
    Thread test = Thread.currentThread();
    Handled handled = broker.runAll(numbers, delivery -> {
      assertThat(Thread.currentThread()).isSameAs(test);
      seen.add(delivery.payload());
      if (delivery.payload() == 1) {
        queue.publish(new Json("5"));
      }
      if (delivery.payload() == 2) {
        throw new IllegalStateException("on purpose");
      }
      return delivery.payload() == 3 ? reject("no") : done();
    });
    assertThat(seen).containsExactly(1, 2, 3, 5);
    assertThat(handled).isEqualTo(new Handled(2, 1, 0, 2, 0));
    assertThat(handled.messages()).isEqualTo(5);
    clock.advance(Duration.ofHours(1));
    assertThat(broker.runAll(numbers, delivery -> done())).isEqualTo(new Handled(2, 0, 0, 0, 0));
  }

  @Test
  void aHandlerThatReleasesOrAnswersNullEndsToo(Howdah howdah) {
    Queue<Json> queue = howdah.queue("releases").create();
    queue.publishAll(List.of(new Json("1"), new Json("2")));
    assertThat(broker.runAll(queue, delivery -> release())).isEqualTo(new Handled(0, 0, 1, 0, 0));
    assertThat(broker.runAll(queue, delivery -> null)).isEqualTo(new Handled(0, 2, 0, 0, 0));
  }

  @Test
  void whatIsDueEntersItsQueueAndWhatRecursIsPublished(Howdah howdah) {
    Queue<Json> queue = howdah.queue("due").create();
    queue.publish(Message.of(new Json("1")).withDelay(Duration.ofMinutes(5)));
    queue.repeat("hourly", Cron.of("0 * * * *"), Message.of(new Json("2")));
    assertThat(broker.runDue()).isZero();
    clock.advance(Duration.ofHours(1));
    assertThat(broker.runDue()).isEqualTo(2);
    assertThat(queue.stats().ready()).isEqualTo(2);
  }

  @Test
  void jobsArePerformedOnTheTestsOwnThreadAndKeptWhenTheyAreDone(Howdah howdah) {
    Jobs<Json> jobs = howdah.jobs("app");
    jobs.createJob("mail", "send", new Json("1"));
    jobs.createJob("mail", "send", new Json("2"));
    jobs.createJob("disk", "clean", new Json("3"), JobOptions.defaults().withMaxAttempts(1));
    Handled handled = broker.runJobs(jobs, job -> {
      if (job.action().equals("clean")) {
        throw new IllegalStateException("on purpose");
      }
      if (job.params().text().equals("1")) {
        jobs.createJob("more", "later", new Json("4"));
      }
      return done();
    });
    assertThat(handled.archived()).isEqualTo(3);
    assertThat(jobs.stats().dead()).isEqualTo(1);
    JobAssertions.of(database.dataSource(), "app").assertCreated("mail", "2");
    JobAssertions.of(database.dataSource(), "app").assertCreated("more");
    jobs.createJob("mail", "send", new Json("5"));
    assertThatThrownBy(() -> broker.runJobs(jobs, job -> {
      throw new AssertionError("of the test itself");
    })).hasMessage("of the test itself");
    assertThat(broker.runJobs(jobs, job -> done()).archived()).isEqualTo(1);
  }

  @Test
  void whatFailsWhenItCommitsIsReadyAgain(Howdah howdah) throws Exception {
    Queue<Json> queue = howdah.queue("deferred").create();
    database.query("create table deferred (n int unique deferrable initially deferred)");
    queue.publish(new Json("1"));
    assertThatThrownBy(() -> broker.deliverNext(queue, (delivery, transaction) -> {
      try (Statement statement = transaction.createStatement()) {
        statement.execute("insert into deferred values (1), (1)");
      }
      return done();
    })).isInstanceOf(SQLException.class);
    assertThat(queue.stats().inFlight()).isZero();
    assertThat(broker.deliverNext(queue, (delivery, transaction) -> done())).isEqualTo(done());
  }

  @Test
  void aTransactionalHandlerGetsTheNextMessageAndCommitsWithIt(Howdah howdah) throws Exception {
    Queue<Json> queue = howdah.queue("transactional").create();
    database.query("create table booked (n int)");
    TransactionalHandler<Json> handler = (delivery, transaction) -> {
      try (Statement statement = transaction.createStatement()) {
        statement.execute("insert into booked values (" + delivery.payload().text() + ")");
      }
      if (delivery.payload().text().equals("13")) {
        throw new IllegalStateException("on purpose");
      }
      return done();
    };
    assertThatThrownBy(() -> broker.deliverNext(queue, handler)).isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("no message is ready to be delivered");
    queue.publish(new Json("13"));
    assertThatThrownBy(() -> broker.deliverNext(queue, handler)).isInstanceOf(IllegalStateException.class);
    assertThat(database.number("select count(*) from booked")).isZero();
    assertThat(queue.peek(1)).extracting(Delivery::attempt).containsExactly(1);
    broker.runAll(queue, delivery -> done());
    queue.publish(new Json("7"));
    assertThat(broker.deliverNext(queue, handler)).isEqualTo(done());
    assertThat(database.texts("select n from booked")).containsExactly("7");
    assertThat(queue.stats().inFlight() + queue.stats().ready()).isZero();

    broker.rolledBack(transaction -> {
      Outcome outcome = TestBroker.deliver(Message.of(new Json("8")), handler, transaction);
      assertThat(outcome).isEqualTo(done());
      assertThat(Rows.of(transaction, "select count(*) from booked").number()).isEqualTo(2);
    });
    assertThat(database.texts("select n from booked")).containsExactly("7");
    assertThat(TestBroker.deliver(Message.of(new Json("9")).withTopic("a.b"),
        delivery -> reject(String.valueOf(delivery.topic())))).isEqualTo(reject("a.b"));
  }

  @Test
  void waitingUntilNothingIsLeftSaysWhatIsLeft(Howdah howdah) {
    Queue<Json> queue = howdah.queue("idle").create();
    queue.publishAll(List.of(new Json("1"), new Json("2")));
    assertThatThrownBy(() -> broker.awaitIdle(Duration.ofMillis(20))).isInstanceOf(AssertionError.class)
        .hasMessage("after PT0.02S there is still work to do: [idle: 2 ready, 0 in flight, 0 due]");
    broker.awaitIdle(Duration.ZERO, "another");
    CountDownLatch finish = new CountDownLatch(1);
    try (Worker worker = queue.consume(delivery -> {
      finish.await();
      return done();
    })) {
      assertThatThrownBy(() -> broker.awaitIdle(Duration.ofMillis(20), "idle")).isInstanceOf(AssertionError.class);
      finish.countDown();
      broker.awaitIdle(Duration.ofSeconds(20), "idle");
      assertThat(queue.stats().inFlight()).as("%s", worker.stats()).isZero();
    }
  }

  @Test
  void whatWasPublishedIsToldByQueueTopicKeyHeaderAndPayload(Howdah howdah) throws Exception {
    Queue<Json> orders = howdah.queue("orders").create();
    orders.publish(Message.of(new Json("{\"id\": 42, \"items\": [{\"sku\": \"a\"}]}")).withTopic("order.placed")
        .withKey("c-1").withHeader("tenant", "x"));
    orders.publish(Message.of(new Json("{\"id\": 43}")).withDelay(Duration.ofDays(1)));
    broker.published("orders").exist(2);
    broker.published("orders").withTopic("order.placed").withKey("c-1").withHeader("tenant", "x")
        .withPayload("{\"items\": [{\"sku\": \"a\"}]}").exist(1);
    broker.runAll(orders, delivery -> delivery.payload().text().contains("42") ? reject("handled or not") : done());
    broker.published("orders").withPayload("{\"id\": 43}").exist();
    broker.published("orders").withPayload("{\"id\": 44}").doNotExist();
    assertThat(broker.published("orders").withHeader("tenant", "y").count()).isZero();

    broker.rolledBack(transaction -> {
      orders.in(transaction).publish(new Json("{\"id\": 45}"));
      broker.published("orders").in(transaction).withPayload("{\"id\": 45}").exist();
      broker.published("orders").withPayload("{\"id\": 45}").doNotExist();
    });
  }

  @Test
  void aBoundQueueWasSentWhatItTakesAndWhatWentToItDirectly(Howdah howdah) {
    var events = howdah.stream("events").create();
    Queue<Json> mails = howdah.queue("mails").create(events, "mail.#");
    Subscription<Json> audit = events.subscribe("audit");
    events.publish(Message.of(new Json("1")).withTopic("mail.sent"));
    events.publish(Message.of(new Json("2")).withTopic("order.placed"));
    mails.publish(new Json("3"));
    broker.runAll(mails,
        delivery -> Outcome.retryIn(Duration.ZERO, "a retry is no publish").equals(done()) ? done() : reject("no"));
    broker.published("mails").exist(2);
    broker.published("mails").withPayload("2").doNotExist();
    broker.published("audit").exist(2);
    broker.published("events").exist(2);
    assertThat(audit.stats().ready()).isEqualTo(2);
  }

  @Test
  void anAssertionThatFailsTellsWhatWasThere(Howdah howdah) {
    Queue<Json> queue = howdah.queue("told").create();
    assertThatThrownBy(() -> broker.published("told").exist()).isInstanceOf(AssertionError.class)
        .hasMessage("no message was published to told; nothing was");
    queue.publish(Message.of(new Json("{\"id\": 42}")).withTopic("order.placed").withKey("c-1"));
    assertThatThrownBy(() -> broker.published("told").withTopic("order.paid").withHeader("a", "b").exist())
        .hasMessage("no message with topic order.paid, header a = b was published to told; there were:\n"
            + "  topic order.placed, key c-1, payload {\"id\": 42}");
    assertThatThrownBy(() -> broker.published("told").withPayload("{\"id\": 42}").doNotExist()).hasMessage(
        "no message with a payload that contains {\"id\": 42} should have been published to told; but there were:\n"
            + "  topic order.placed, key c-1, payload {\"id\": 42}");
    assertThatThrownBy(() -> broker.published("told").withKey("c-1").exist(2)).hasMessageStartingWith(
        "2 messages with key c-1 were expected in told but there were 1:\n  topic order.placed");
    assertThatThrownBy(() -> broker.published("tolt").exist())
        .hasMessage("there is no stream, queue or subscription tolt, so nothing can have been published to it");
    assertThatThrownBy(() -> broker.published("told").withPayload("{").exist()).isInstanceOf(DatabaseException.class)
        .hasMessageContaining("json");
  }

  @Test
  void clearingLeavesNothing(Howdah howdah) {
    howdah.queue("one").create().publish(new Json("1"));
    howdah.stream("two").create().subscribe("three");
    broker.clear();
    assertThat(howdah.stats()).isEmpty();
    assertThat(database.number("select count(*) from howdah.stream")).isZero();
  }
}
