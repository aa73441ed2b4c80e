package io.howdah.examples;

import static io.howdah.Outcome.reject;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Outcomes;
import io.howdah.Queue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/** Effects in the same database and the settling of their messages commit together: no payment is booked twice. */
public final class ExactlyOnceEffect {

  /** Money that came in. */
  public record Payment(String account, int cents) {
  }

  private ExactlyOnceEffect() {
  }

  public static void main(String[] args) throws SQLException {
    DataSource dataSource = Database.fromEnvironment();
    try (Howdah howdah = Howdah.open(dataSource)) {
      Queue<Payment> payments = howdah.queue("payments", Payment.class).create();
      payments.publish(new Payment("a-1", 1_200));
      book(dataSource, payments);
    }
  }

  /** Books what is ready now. */
  public static void book(DataSource dataSource, Queue<Payment> payments) throws SQLException {
    createTable(dataSource);
    // region: settle-in-transaction
    try (Batch<Payment> batch = payments.claim(100, Duration.ofSeconds(30));
        Connection tx = dataSource.getConnection()) {
      tx.setAutoCommit(false);
      Outcomes outcomes = Outcomes.done();
      for (Delivery<Payment> delivery : batch.deliveries()) {
        if (delivery.payload().cents() > 0) {
          insert(tx, delivery.payload());
        } else {
          outcomes = outcomes.except(delivery, reject("not an amount"));
        }
      }
      batch.settle(tx, outcomes); // throws LAPSED if somebody else has these messages now
      tx.commit();
    }
    // endregion
  }

  private static void createTable(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
      statement.execute("create table if not exists booking (account text, cents int)");
    }
  }

  private static void insert(Connection tx, Payment payment) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement("insert into booking values (?, ?)")) {
      insert.setString(1, payment.account());
      insert.setInt(2, payment.cents());
      insert.executeUpdate();
    }
  }
}
