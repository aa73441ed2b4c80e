package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Handler;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.Routes;
import io.howdah.TransactionalHandler;
import io.howdah.TransactionalRoutes;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(120)
class RoutesTest {
  private final TestDatabase database;
  private final Howdah howdah;
  private final Queue<Json> queue;
  private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

  RoutesTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
    this.queue = howdah.queue("routes");
  }

  @BeforeEach
  void queue() {
    queue.drop(true);
    queue.create();
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Handler<Json> says(String name) {
    return delivery -> {
      calls.add(name + " " + delivery.topic());
      return Outcome.done();
    };
  }

  private void publish(String... topics) {
    for (String topic : topics) {
      queue.publish(Message.of(new Json("1")).withTopic(topic));
    }
  }

  private List<String> calls(int count) throws InterruptedException {
    List<String> got = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      got.add(String.valueOf(calls.poll(30, TimeUnit.SECONDS)));
    }
    return got;
  }

  @Test
  void severalModulesWriteInOneTransactionOrNoneOfThemDoes() throws Exception {
    database.query("create table books (module text, n int)");
    TransactionalRoutes<Json> routes = TransactionalRoutes.<Json>on("order.*", insert("stock"))
        .and("#", insert("invoice")).and("order.bad", (delivery, transaction) -> {
          throw new IllegalStateException("on purpose");
        });
    try (Worker worker = queue.consumeInTransaction(routes, WorkerOptions.defaults())) {
      publish("order.bad", "order.new", "other");
      Eventually.is("two are done, one waits", () -> worker.stats().done() == 2 && worker.stats().retried() == 1);
    }
    assertThat(database.texts("select module from books order by module")).containsExactly("invoice", "invoice",
        "stock");
    assertThat(routes.unmatched()).isZero();
  }

  private static TransactionalHandler<Json> insert(String module) {
    return (delivery, transaction) -> {
      try (PreparedStatement insert = transaction.prepareStatement("insert into books values (?, 1)")) {
        insert.setString(1, module);
        insert.execute();
      }
      return Outcome.done();
    };
  }

  @Test
  void severalHandlersMayMatchAndAreCalledInTheOrderOfTheTable() throws Exception {
    Routes<Json> routes = Routes.on(List.of("order.*", "a.#.b"), says("first")).and("#", says("second"));
    try (Worker worker = queue.consume(routes)) {
      publish("order.new");
      assertThat(calls(2)).as("%s", worker.stats()).containsExactly("first order.new", "second order.new");
      publish("a.b");
      assertThat(calls(2)).containsExactly("first a.b", "second a.b");
      publish("x");
      assertThat(calls(1)).containsExactly("second x");
    }
    assertThat(routes.unmatched()).isZero();
  }

  @Test
  void whatNobodyHandlesIsCountedAndBecomesADeadLetter() {
    Routes<Json> routes = Routes.on("order.*", says("first"));
    try (Worker worker = queue.consume(routes)) {
      publish("x", "Order.new");
      queue.publish(new Json("1"));
      Eventually.is("the worker has answered", () -> worker.stats().rejected() == 3);
    }
    assertThat(routes.unmatched()).isEqualTo(3);
    assertThat(database.texts("select distinct reason from howdah.dead_letter order by 1"))
        .contains("no handler for topic x", "no handler for topic Order.new", "no handler for topic null");
  }

  @Test
  void whatNobodyHandlesMayBeDroppedOrHandledOtherwiseAndIsStillCounted() throws Exception {
    Routes<Json> dropping = Routes.on("order.*", says("first")).otherwise(delivery -> Outcome.done());
    try (Worker worker = queue.consume(dropping)) {
      publish("x");
      Eventually.is("the worker has answered", () -> worker.stats().done() == 1);
    }
    assertThat(dropping.unmatched()).isEqualTo(1);
    try (Worker worker = queue.consume(dropping.otherwise(says("otherwise")))) {
      publish("y");
      assertThat(calls(1)).as("%s", worker.stats()).containsExactly("otherwise y");
    }
    assertThat(dropping.unmatched()).as("one count for all").isEqualTo(2);
  }

  @Test
  void theFirstAnswerThatIsNotDoneEndsTheHandling() {
    Routes<Json> routes = Routes.<Json>on("a", delivery -> Outcome.reject("no")).and("#", says("never"));
    try (Worker worker = queue.consume(routes)) {
      publish("a");
      Eventually.is("the worker has answered", () -> worker.stats().rejected() == 1);
    }
    assertThat(calls).isEmpty();
  }

  @Test
  void aRouterOfYourOwnNamesTheHandlers() throws Exception {
    Routes<Json> routes = Routes
        .by(delivery -> "b".equals(delivery.key()) ? List.of(says("b"), says("b too")) : List.of());
    try (Worker worker = queue.consume(routes)) {
      queue.publish(Message.of(new Json("1")).withKey("b"));
      assertThat(calls(2)).as("%s", worker.stats()).containsExactly("b null", "b too null");
      queue.publish(Message.of(new Json("1")).withKey("c"));
      Eventually.is("the worker has answered", () -> routes.unmatched() == 1);
    }
  }

  @Test
  void whatIsNoPatternOrNoneIsRefused() {
    assertThatThrownBy(() -> Routes.on("a*", says("x"))).isInstanceOf(HowdahException.class);
    assertThatThrownBy(() -> Routes.on(List.of(), says("x"))).isInstanceOf(HowdahException.class);
  }
}
