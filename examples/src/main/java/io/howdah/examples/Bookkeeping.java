package io.howdah.examples;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.reject;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.examples.ExactlyOnceEffect.Payment;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

/** A worker whose handler writes, publishes and settles in one transaction. */
public final class Bookkeeping {

  private Bookkeeping() {
  }

  public static void main(String[] args) throws InterruptedException {
    try (Howdah howdah = Howdah.open(Database.fromEnvironment());
        Worker worker = work(howdah.queue("payments", Payment.class).create(), howdah.queue("receipts").create())) {
      Thread.sleep(Duration.ofMinutes(1)); // it works meanwhile
      System.out.println(worker.stats());
    }
  }

  /** Books payment by payment, with a receipt for each. */
  public static Worker work(Queue<Payment> payments, Queue<Json> receipts) {
    // region: transactional
    return payments.consumeInTransaction((delivery, tx) -> {
      Payment payment = delivery.payload();
      if (payment.cents() <= 0) {
        return reject("not an amount");
      }
      insert(tx, payment);
      receipts.in(tx).publish(new Json("{\"cents\": " + payment.cents() + "}"));
      return done(); // the booking, the receipt and this answer commit together
    }, WorkerOptions.defaults().withConcurrency(4).withTimeLimit(Duration.ofSeconds(30)));
    // endregion
  }

  /** Books claim by claim. */
  public static Worker workInBatches(Queue<Payment> payments) {
    // region: transactional-batches
    return payments.consumeBatchesInTransaction((batch, tx) -> {
      Outcomes outcomes = Outcomes.done();
      for (Delivery<Payment> delivery : batch) {
        if (delivery.payload().cents() > 0) {
          insert(tx, delivery.payload());
        } else {
          outcomes = outcomes.except(delivery, reject("not an amount"));
        }
      }
      return outcomes;
    }, WorkerOptions.defaults().withConcurrency(2).withFetch(1_000));
    // endregion
  }

  private static void insert(Connection tx, Payment payment) throws SQLException {
    try (PreparedStatement insert = tx.prepareStatement("insert into booking values (?, ?)")) {
      insert.setString(1, payment.account());
      insert.setInt(2, payment.cents());
      insert.executeUpdate();
    }
  }
}
