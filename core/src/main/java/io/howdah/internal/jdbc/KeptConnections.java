package io.howdah.internal.jdbc;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few connections that the driver itself made, between two borrowers: their
 * close would destroy them, and making one costs milliseconds. One that has
 * lain for a while is looked at before it is used. Safe for several threads.
 */
final class KeptConnections {

  private static final Logger LOG = LoggerFactory.getLogger(KeptConnections.class);
  private static final int MOST = 8;
  private static final long TRUSTED_NANOS = Duration.ofMillis(500).toNanos();

  /**
   * A connection, and what was changed about it when it was first borrowed.
   */
  record Loan(Connection connection, boolean setAutoCommit, boolean setTimeout) {
  }

  private record Kept(Loan loan, long since) {
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Kept> kept = new ArrayDeque<>();
  private boolean closed;

  /** One that works; null: there is none. */
  @Nullable
  Loan take() throws SQLException {
    while (true) {
      Kept candidate;
      lock.lock();
      try {
        if (closed) {
          throw new HowdahException(ErrorCode.CLOSED, "this Howdah is closed; open another one");
        }
        candidate = kept.pollLast();
      } finally {
        lock.unlock();
      }
      if (candidate == null) {
        return null;
      }
      Loan loan = candidate.loan();
      if (System.nanoTime() - candidate.since() < TRUSTED_NANOS || loan.connection().isValid(2)) {
        return loan;
      }
      discard(loan.connection());
    }
  }

  /** False if it has to go back to where it came from. */
  boolean keep(Loan loan) {
    if (!(loan.connection() instanceof PgConnection)) {
      return false;
    }
    lock.lock();
    try {
      if (closed || kept.size() >= MOST) {
        return false;
      }
      kept.addLast(new Kept(loan, System.nanoTime()));
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** When one connection is lost, those that lie here most likely are. */
  void discardAll() {
    ArrayDeque<Kept> old;
    lock.lock();
    try {
      old = new ArrayDeque<>(kept);
      kept.clear();
    } finally {
      lock.unlock();
    }
    old.forEach(each -> discard(each.loan().connection()));
  }

  void close() {
    lock.lock();
    closed = true;
    lock.unlock();
    discardAll();
  }

  static void discard(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // It is given up in any case, most likely because it is lost already.
      LOG.debug("closing a connection failed", e);
    }
  }
}
