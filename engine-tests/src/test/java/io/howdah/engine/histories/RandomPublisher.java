package io.howdah.engine.histories;

import io.howdah.testkit.History;
import io.howdah.testkit.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Publishes singly, in batches, with delays or a time to live, in transactions that commit or roll back, and over
 * connections that are killed meanwhile. Messages with a delay have no key: their place is not where they were published.
 */
final class RandomPublisher implements Callable<Void> {
  private static final int KEYS = 20;

  /** How a batch is published. */
  private enum Kind {
    PLAIN, DELAYED, MORTAL
  }

  private final Source source;
  private final Random random;
  private final String name;
  private int number;
  private Connection connection;

  RandomPublisher(Source source, long seed) {
    this.source = source;
    this.random = new Random(seed);
    this.name = "p" + Math.floorMod(seed, 31L) + "-";
    this.connection = source.connect();
  }

  @Override
  public Void call() throws SQLException {
    try {
      int count = source.take(wanted());
      while (count > 0) {
        source.inTime();
        publish(count);
        count = source.take(wanted());
      }
    } finally {
      source.publisherEnds();
      connection.close();
    }
    return null;
  }

  private int wanted() {
    return random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(80);
  }

  private void publish(int count) throws SQLException {
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> send(count, Kind.DELAYED);
      case 3, 4, 5 -> inTransaction(count);
      case 6 -> whileBeingKilled(count);
      case 7 -> send(count, Kind.MORTAL);
      default -> send(count, Kind.PLAIN);
    }
  }

  private void send(int count, Kind kind) throws SQLException {
    List<String> messages = attempt(count, kind);
    messages.forEach(message -> source.record(new History.Acknowledged(message)));
  }

  private void inTransaction(int count) throws SQLException {
    connection.setAutoCommit(false);
    List<String> messages = new ArrayList<>();
    for (int done = 0; done < count; done += 10) {
      messages.addAll(attempt(Math.min(10, count - done), random.nextInt(4) == 0 ? Kind.DELAYED : Kind.PLAIN));
    }
    if (random.nextInt(3) == 0) {
      connection.rollback();
      messages.forEach(message -> source.record(new History.RolledBack(message)));
    } else {
      connection.commit();
      messages.forEach(message -> source.record(new History.Acknowledged(message)));
    }
    connection.setAutoCommit(true);
  }

  /** Nobody knows what became of it, unless it came back. */
  private void whileBeingKilled(int count) throws SQLException {
    Connection killed = connection;
    Thread killer = Thread.ofVirtual().start(() -> {
      try {
        source.kill(killed);
      } catch (SQLException e) {
        throw new IllegalStateException("the backend could not be killed", e);
      }
    });
    try {
      send(count, Kind.PLAIN);
    } catch (SQLException e) {
      // of unknown outcome: attempted, and neither acknowledged nor rolled back
    } finally {
      join(killer);
      killed.close();
      connection = source.connect();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<String> attempt(int count, Kind kind) throws SQLException {
    List<String> messages = new ArrayList<>();
    List<@Nullable String> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String message = "\"" + name + number++ + "\"";
      String key = kind == Kind.DELAYED || random.nextInt(5) == 0 ? null : "k" + random.nextInt(KEYS);
      messages.add(message);
      keys.add(key);
      source.attempt(new History.Attempted(message, key));
    }
    Duration time = Duration.ofSeconds(kind == Kind.PLAIN ? 0 : 1 + random.nextInt(60));
    Instant before = kind == Kind.PLAIN ? Instant.EPOCH : Source.now(connection);
    Object times = kind == Kind.PLAIN
        ? null
        : connection.createArrayOf("text", Collections.nCopies(count, time.toString()).toArray());
    Rows.of(connection,
        "select howdah.publish_many(?, ?, keys => ?, delays => ?::text[]::interval[], ttls => ?::text[]::interval[])",
        source.stream(), connection.createArrayOf("text", messages.toArray()),
        connection.createArrayOf("text", keys.toArray()), kind == Kind.DELAYED ? times : null,
        kind == Kind.MORTAL ? times : null);
    if (kind == Kind.DELAYED) {
      messages.forEach(message -> source.record(new History.Timed(message, before.plus(time), null)));
    } else if (kind == Kind.MORTAL) {
      Instant end = Source.now(connection).plus(time);
      messages.forEach(message -> source.record(new History.Timed(message, null, end)));
    }
    return messages;
  }
}
