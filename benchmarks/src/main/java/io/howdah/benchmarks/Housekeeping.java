package io.howdah.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** Keeps house every second, as {@code howdah serve} does, and remembers when that last changed something. */
final class Housekeeping implements AutoCloseable {

  /** What changes something; other actions tell what stands in the way. */
  private static final Set<String> CHANGES = Set.of("sequenced", "advanced", "emptied");

  private final DataSource source;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile long busyAt = System.nanoTime();
  private volatile String failure = "";

  private Housekeeping(DataSource source) {
    this.source = source;
    this.thread = Thread.ofPlatform().daemon().name("bench-housekeeping").unstarted(this::run);
  }

  static Housekeeping start(DataSource source) {
    Housekeeping housekeeping = new Housekeeping(source);
    housekeeping.thread.start();
    return housekeeping;
  }

  private void run() {
    try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
      do {
        statement.execute("select howdah.promote()");
        round(statement);
      } while (!closed.await(1, TimeUnit.SECONDS));
    } catch (SQLException e) {
      failure = "housekeeping failed: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void round(Statement statement) throws SQLException {
    try (ResultSet actions = statement.executeQuery("select action from howdah.housekeep()")) {
      while (actions.next()) {
        if (CHANGES.contains(actions.getString(1))) {
          busyAt = System.nanoTime();
        }
      }
    }
  }

  /** How long it has changed nothing. */
  Duration idle() {
    return Duration.ofNanos(System.nanoTime() - busyAt);
  }

  /** Why it has ended before its time, or an empty text. */
  String failure() {
    return failure;
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
