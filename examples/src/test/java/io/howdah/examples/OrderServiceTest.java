package io.howdah.examples;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.reject;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.Message;
import io.howdah.Queue;
import io.howdah.TransactionalHandler;
import io.howdah.Worker;
import io.howdah.examples.Shop.Order;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestBroker;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a program that uses Howdah tests itself. */
// region: class
@HowdahTest
class OrderServiceTest {

  private final DataSource dataSource;
  private final TestBroker broker;
  private final Queue<Order> orders;

  OrderServiceTest(DataSource dataSource, TestBroker broker, Howdah howdah) {
    this.dataSource = dataSource;
    this.broker = broker;
    this.orders = howdah.queue("orders", Order.class);
  }

  @BeforeEach
  void create(TestDatabase database) {
    orders.create();
    database.query("create table if not exists shipped (id int)");
  }

  @AfterEach
  void clear(TestClock clock) {
    broker.clear(); // the next test finds no queue
    clock.reset();
  }
  // endregion

  @Test
  void placingAnOrderPublishesIt(Howdah howdah) throws Exception {
    // region: published
    new Shop(dataSource, howdah).place(new Order(7, "a howdah", 2));
    broker.published("orders").withPayload("{\"id\": 7}").exist(1);
    broker.published("orders").withPayload("{\"id\": 8}").doNotExist();
    // endregion
  }

  @Test
  void whatFailsIsTriedAgainLater(TestClock clock) {
    List<Integer> handled = new ArrayList<>();
    orders.publishAll(List.of(new Order(1, "a howdah", 1), new Order(2, "a howdah", 0)));
    // region: run-all
    broker.runAll(orders, delivery -> {
      if (delivery.attempt() == 1 && delivery.payload().id() == 1) {
        throw new IllegalStateException("the warehouse is closed");
      }
      handled.add(delivery.payload().id());
      return delivery.payload().pieces() > 0 ? done() : reject("nothing ordered");
    });
    clock.advance(Duration.ofHours(1)); // the retry is due
    TestBroker.Handled later = broker.runAll(orders, delivery -> done());
    assertThat(later.done()).isEqualTo(1);
    // endregion
    assertThat(handled).containsExactly(2);
  }

  @Test
  void aHandlerWritesInItsTransaction() throws Exception {
    // region: deliver
    TransactionalHandler<Order> ship = (delivery, transaction) -> {
      try (PreparedStatement insert = transaction.prepareStatement("insert into shipped values (?)")) {
        insert.setInt(1, delivery.payload().id());
        insert.execute();
      }
      return done();
    };
    broker.rolledBack(transaction -> {
      assertThat(TestBroker.deliver(Message.of(new Order(3, "a howdah", 1)), ship, transaction)).isEqualTo(done());
      try (ResultSet shipped = transaction.createStatement().executeQuery("select id from shipped")) {
        assertThat(shipped.next()).isTrue();
      }
    });
    // endregion
    orders.publish(new Order(4, "a howdah", 1));
    assertThat(broker.deliverNext(orders, ship)).isEqualTo(done());
  }

  @Test
  void aWorkerIsWaitedFor() {
    // region: await
    try (Worker worker = orders.consume(delivery -> done())) {
      orders.publish(new Order(5, "a howdah", 1));
      broker.awaitIdle(Duration.ofSeconds(20), "orders");
      assertThat(worker.stats().failures()).isZero();
    }
    // endregion
  }
}
