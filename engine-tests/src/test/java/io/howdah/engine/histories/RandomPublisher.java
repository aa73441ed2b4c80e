package io.howdah.engine.histories;

import io.howdah.testkit.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Publishes singly, in batches, with delays, in transactions that commit or roll back, and over connections that are
 * killed meanwhile. Messages with a delay have no key: their place is not where they were published.
 */
final class RandomPublisher implements Callable<Void> {
  private static final int KEYS = 20;
  private final RandomWorkload workload;
  private final Random random;
  private final String name;
  private int number;
  private Connection connection;

  RandomPublisher(RandomWorkload workload, long seed) {
    this.workload = workload;
    this.random = new Random(seed);
    this.name = "p" + Math.floorMod(seed, 31L) + "-";
    this.connection = workload.connect();
  }

  @Override
  public Void call() throws SQLException {
    try {
      int count = workload.take(wanted());
      while (count > 0) {
        workload.inTime();
        publish(count);
        count = workload.take(wanted());
      }
    } finally {
      workload.publisherEnds();
      connection.close();
    }
    return null;
  }

  private int wanted() {
    return random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(80);
  }

  private void publish(int count) throws SQLException {
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> send(count, true);
      case 3, 4, 5 -> inTransaction(count);
      case 6 -> whileBeingKilled(count);
      default -> send(count, false);
    }
  }

  private void send(int count, boolean delayed) throws SQLException {
    List<String> messages = attempt(count, delayed);
    messages.forEach(message -> workload.histories().forEach(history -> history.acknowledged(message)));
  }

  private void inTransaction(int count) throws SQLException {
    connection.setAutoCommit(false);
    List<String> messages = new ArrayList<>();
    for (int done = 0; done < count; done += 10) {
      messages.addAll(attempt(Math.min(10, count - done), random.nextInt(4) == 0));
    }
    if (random.nextInt(3) == 0) {
      connection.rollback();
      messages.forEach(message -> workload.histories().forEach(history -> history.rolledBack(message)));
    } else {
      connection.commit();
      messages.forEach(message -> workload.histories().forEach(history -> history.acknowledged(message)));
    }
    connection.setAutoCommit(true);
  }

  /** Nobody knows what became of it, unless it came back. */
  private void whileBeingKilled(int count) throws SQLException {
    Connection killed = connection;
    Thread killer = Thread.ofVirtual().start(() -> {
      try {
        workload.kill(killed);
      } catch (SQLException e) {
        throw new IllegalStateException("the backend could not be killed", e);
      }
    });
    try {
      send(count, false);
    } catch (SQLException e) {
      // of unknown outcome: attempted, and neither acknowledged nor rolled back
    } finally {
      join(killer);
      killed.close();
      connection = workload.connect();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<String> attempt(int count, boolean delayed) throws SQLException {
    List<String> messages = new ArrayList<>();
    List<@Nullable String> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = delayed || random.nextInt(5) == 0 ? null : "k" + random.nextInt(KEYS);
      messages.add("\"" + name + number++ + "\"");
      keys.add(key);
    }
    for (int i = 0; i < count; i++) {
      String message = messages.get(i);
      String key = keys.get(i);
      workload.histories().forEach(history -> history.attempted(message, key));
    }
    Rows.of(connection, "select howdah.publish_many(?, ?, keys => ?, delays => array_fill(?::interval, array[?]))",
        workload.stream(), connection.createArrayOf("text", messages.toArray()),
        connection.createArrayOf("text", keys.toArray()), delayed ? random.nextInt(40) + " s" : "0", count);
    return messages;
  }
}
