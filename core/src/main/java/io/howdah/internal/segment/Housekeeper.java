package io.howdah.internal.segment;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.Statements;
import io.howdah.internal.wakeup.Signal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves due messages into the log and gives back the space of what all have
 * read, again and again. Any number of these may work on one database: the
 * functions see to it that one does it at a time. A round that has found
 * something to do is followed by another one soon, so that a long interval does
 * not hold up a busy broker. While the database is away it goes on trying, and
 * says so once. One whose role may not do it leaves it to others.
 */
public final class Housekeeper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);
  private static final long SOON = Duration.ofSeconds(1).toNanos();
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private static final String PROMOTE = """
      select howdah.promote()""";
  private static final String HOUSEKEEP = """
      select action, detail from howdah.housekeep()""";

  private static final Set<String> BUSY = Set.of("advanced", "carried", "emptied");

  private final Connections connections;
  private final long interval;
  private final Signal stop = new Signal();
  private final Thread thread;
  private volatile boolean closed;

  // Owned by the thread.
  private long pause;
  private boolean complained;

  private Housekeeper(Connections connections, Duration interval) {
    this.connections = connections;
    this.interval = interval.toNanos();
    this.pause = this.interval;
    this.thread = Thread.ofVirtual().name("howdah-housekeeper").unstarted(this::run);
  }

  /** Keeps house for the first time after the interval, or up to half of it earlier: a fleet starts together. */
  public static Housekeeper start(Connections connections, Duration interval) {
    Housekeeper housekeeper = new Housekeeper(connections, interval);
    housekeeper.thread.start();
    return housekeeper;
  }

  private void run() {
    while (!closed) {
      await(pause - ThreadLocalRandom.current().nextLong(pause / 2 + 1));
      if (!closed) {
        keepHouse();
      }
    }
  }

  private void await(long nanos) {
    long until = System.nanoTime() + nanos;
    while (!closed && until - System.nanoTime() > 0) {
      stop.await(until - System.nanoTime());
    }
  }

  private void keepHouse() {
    try {
      connections.callSlow(Housekeeper::promote);
      boolean busy = connections.callSlow(Housekeeper::housekeep);
      pause = Math.min(interval, busy ? SOON : pause * 2);
      if (complained) {
        complained = false;
        LOG.info("housekeeping goes on");
      }
    } catch (HowdahException e) {
      if (e.code() == ErrorCode.DENIED) {
        LOG.info("this process does no housekeeping, because its role may not: {}", e.getMessage());
        closed = true;
      }
      complain(e);
    } catch (RuntimeException e) {
      complain(e);
    }
  }

  private static boolean promote(Connection connection) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PROMOTE)) {
      return statement.execute();
    }
  }

  /** Whether there was something to do. */
  private static boolean housekeep(Connection connection) throws SQLException {
    boolean busy = false;
    try (PreparedStatement statement = Statements.prepare(connection, HOUSEKEEP);
        ResultSet actions = statement.executeQuery()) {
      while (actions.next()) {
        LOG.debug("housekeeping: {} {}", actions.getString(1), actions.getString(2));
        busy |= BUSY.contains(actions.getString(1));
      }
    }
    return busy;
  }

  private void complain(RuntimeException cause) {
    pause = interval;
    if (complained || closed) {
      LOG.debug("housekeeping failed", cause);
    } else {
      complained = true;
      LOG.warn("housekeeping failed and is tried again every {} ms: {}", Duration.ofNanos(interval).toMillis(),
          cause.getMessage());
    }
  }

  /** Ends after the round that runs, or leaves it behind when that takes too long. */
  @Override
  public void close() {
    closed = true;
    stop.raise();
    try {
      if (!thread.join(CLOSE)) {
        LOG.debug("housekeeping is left behind in the middle of a round");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
