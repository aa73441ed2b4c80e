package io.howdah.examples;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.retryIn;
import static java.time.Duration.ofMinutes;

import io.howdah.Howdah;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;

/** An order and its message commit together; a worker handles the message. */
public final class Shop {

  /** What is ordered. */
  public record Order(int id, String article, int pieces) {
  }

  /** Where it lies. */
  @FunctionalInterface
  public interface Warehouse {
    void reserve(Order order) throws OutOfStock;
  }

  /** Not enough of it lies there. */
  public static final class OutOfStock extends Exception {
    private static final long serialVersionUID = 1;
  }

  private final DataSource dataSource;
  private final Queue<Order> orders;

  public Shop(DataSource dataSource, Howdah howdah) throws SQLException {
    this.dataSource = dataSource;
    this.orders = howdah.queue("orders", Order.class).create();
    try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
      statement.execute("create table if not exists orders (id int primary key, article text, pieces int)");
    }
  }

  public static void main(String[] args) throws Exception {
    DataSource dataSource = Database.fromEnvironment();
    try (Howdah howdah = Howdah.open(dataSource)) {
      Shop shop = new Shop(dataSource, howdah);
      CountDownLatch reserved = new CountDownLatch(1);
      try (Worker worker = shop.work(order -> reserved.countDown())) {
        shop.place(new Order((int) (System.nanoTime() >>> 33), "a howdah", 1));
        if (!reserved.await(30, TimeUnit.SECONDS)) {
          throw new TimeoutException("nothing was reserved: " + worker.stats());
        }
      }
    }
  }

  /** The order and its message are stored, or neither. */
  public void place(Order order) throws SQLException {
    // region: publish
    try (Connection tx = dataSource.getConnection()) {
      tx.setAutoCommit(false);
      insert(tx, order);
      orders.in(tx).publish(order); // exists if, and only if, the order does
      tx.commit();
    }
    // endregion
  }

  /** Starts to reserve what is ordered; the caller closes the worker. */
  public Worker work(Warehouse warehouse) {
    // region: consume
    Worker worker = orders.consume(delivery -> {
      try {
        warehouse.reserve(delivery.payload());
        return done();
      } catch (OutOfStock e) {
        return retryIn(ofMinutes(5), "out of stock");
      }
    }, WorkerOptions.defaults().withConcurrency(32));
    // endregion
    return worker;
  }

  private static void insert(Connection tx, Order order) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement("insert into orders values (?, ?, ?)")) {
      insert.setInt(1, order.id());
      insert.setString(2, order.article());
      insert.setInt(3, order.pieces());
      insert.executeUpdate();
    }
  }
}
