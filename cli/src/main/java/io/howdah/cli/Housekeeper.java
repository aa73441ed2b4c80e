package io.howdah.cli;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves due messages into the log and gives back the space of what all have read, again and again. Any number of these
 * may work on one database. While the database is away it goes on trying, and says so once.
 */
final class Housekeeper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final long CLOSE_MILLIS = 5_000;
  private static final int STATEMENT_SECONDS = 60;

  private static final String PROMOTE = "select howdah.promote()";
  private static final String HOUSEKEEP = "select action, detail from howdah.housekeep()";

  private final DataSource source;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  /** Owned by the thread. */
  private boolean complained;

  private Housekeeper(DataSource source) {
    this.source = source;
    this.thread = Thread.ofVirtual().name("howdah-housekeeper").unstarted(this::run);
  }

  static Housekeeper start(DataSource source) {
    Housekeeper housekeeper = new Housekeeper(source);
    housekeeper.thread.start();
    return housekeeper;
  }

  private void run() {
    try {
      while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        keepHouse();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Rounds over one connection, until it fails or this is closed. */
  private void keepHouse() throws InterruptedException {
    try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(STATEMENT_SECONDS);
      do {
        round(statement);
        complained = false;
      } while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (SQLException e) {
      complain(e);
    }
  }

  private static void round(Statement statement) throws SQLException {
    statement.execute(PROMOTE);
    try (ResultSet actions = statement.executeQuery(HOUSEKEEP)) {
      while (actions.next()) {
        LOG.debug("housekeeping: {} {}", actions.getString(1), actions.getString(2));
      }
    }
  }

  private void complain(SQLException cause) {
    if (complained || closed.getCount() == 0) {
      LOG.debug("housekeeping failed", cause);
    } else {
      LOG.warn("housekeeping failed and is tried again each second: {}", cause.getMessage());
      complained = true;
    }
  }

  /** Ends after the round that runs; one that hangs is cut off with its connection. */
  @Override
  public void close() {
    closed.countDown();
    try {
      if (!thread.join(Duration.ofMillis(CLOSE_MILLIS))) {
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
