package io.howdah.internal.jdbc;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lends connections, one statement at a time.
 *
 * <p>
 * A pooled connection goes back to its pool at once. A connection that the
 * driver itself made would be destroyed by its close, and making one costs
 * milliseconds: a few of those are kept here for the next borrower, and looked
 * at before use when they have lain for a while. Nothing is assumed about the
 * state in which a pool hands a connection over: autocommit and a time limit on
 * the socket are set, and put back.
 */
public final class Connections implements AutoCloseable {

  /** What is done with a connection. */
  @FunctionalInterface
  public interface Work<R> {
    R run(Connection connection) throws SQLException;
  }

  /** What is done in a transaction. */
  @FunctionalInterface
  public interface Transaction<R> {
    R run(Connection connection) throws Exception;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
  private static final int KEPT = 8;
  private static final long TRUSTED_NANOS = Duration.ofMillis(500).toNanos();

  private final DataSource source;
  private final int timeoutMillis;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Kept> kept = new ArrayDeque<>();
  private boolean closed;

  private record Kept(Connection connection, long since) {
  }

  private record Loan(Connection connection, boolean setAutoCommit, boolean setTimeout) {
  }

  public Connections(DataSource source, Duration timeout) {
    this.source = source;
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
  }

  /**
   * Runs work that may be repeated: after a lost connection its effect does not
   * matter.
   */
  public <R> R call(Work<R> work) {
    return run(null, work);
  }

  /**
   * Runs work that must not be repeated blindly: if the connection is lost, the
   * error says that nobody knows.
   */
  public <R> R commit(String what, Work<R> work) {
    return run(what, work);
  }

  private <R> R run(@Nullable String what, Work<R> work) {
    Stoppable thread = Stoppable.current();
    if (thread == null) {
      return runWith(null, what, work);
    }
    thread.enter(null);
    try {
      return runWith(thread, what, work);
    } finally {
      thread.leave();
    }
  }

  private <R> R runWith(@Nullable Stoppable thread, @Nullable String what, Work<R> work) {
    Loan loan = borrow();
    if (thread != null) {
      thread.using(loan.connection());
    }
    boolean usable = false;
    try {
      R result = work.run(loan.connection());
      usable = true;
      return result;
    } catch (SQLException e) {
      usable = !SqlErrors.connectionLost(e);
      throw what != null && !usable ? unknown(what, e) : SqlErrors.translate(e);
    } finally {
      giveBack(loan, usable);
    }
  }

  /**
   * Runs work in a transaction of its own and commits; whatever it throws rolls
   * back. The connection is held until then.
   */
  public <R> R transaction(Transaction<R> work) throws Exception {
    Stoppable thread = Stoppable.current();
    Loan loan = inside(thread, this::borrow);
    boolean usable = false;
    try {
      inside(thread, () -> begin(loan.connection()));
      R result = work.run(loan.connection());
      usable = inside(thread, () -> commit(loan.connection()));
      return result;
    } finally {
      boolean ended = usable;
      inside(thread, () -> {
        giveBack(loan, ended || rolledBack(loan.connection()));
        return true;
      });
    }
  }

  /** What must not be interrupted. */
  private static <R> R inside(@Nullable Stoppable thread, Callable<R> work) throws Exception {
    if (thread == null) {
      return work.call();
    }
    thread.shelter();
    try {
      return work.call();
    } finally {
      thread.leave();
    }
  }

  private static boolean begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    return true;
  }

  private static boolean commit(Connection connection) throws SQLException {
    connection.commit();
    connection.setAutoCommit(true);
    return true;
  }

  private static boolean rolledBack(Connection connection) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
      return true;
    } catch (SQLException e) {
      LOG.debug("a connection is given up because it could not roll back", e);
      return false;
    }
  }

  private static HowdahException unknown(String what, SQLException e) {
    return new HowdahException(ErrorCode.UNAVAILABLE, "outcome unknown: the connection was lost while " + what
        + ", which may or may not have happened (" + SqlErrors.translate(e).getMessage() + ")", e);
  }

  private Loan borrow() {
    try {
      Connection connection = takeKept();
      if (connection == null) {
        connection = source.getConnection();
      }
      return prepare(connection);
    } catch (SQLException e) {
      HowdahException translated = SqlErrors.translate(e);
      ErrorCode code = translated.code() == ErrorCode.DENIED ? ErrorCode.DENIED : ErrorCode.UNAVAILABLE;
      throw new HowdahException(code, "no connection to PostgreSQL, nothing was sent: " + translated.getMessage(), e);
    }
  }

  private Loan prepare(Connection connection) throws SQLException {
    try {
      boolean setAutoCommit = !connection.getAutoCommit();
      if (setAutoCommit) {
        connection.setAutoCommit(true);
      }
      boolean setTimeout = connection.getNetworkTimeout() == 0;
      if (setTimeout) {
        connection.setNetworkTimeout(Runnable::run, timeoutMillis);
      }
      return new Loan(connection, setAutoCommit, setTimeout);
    } catch (SQLException e) {
      discard(connection);
      throw e;
    }
  }

  private @Nullable Connection takeKept() throws SQLException {
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
      if (System.nanoTime() - candidate.since() < TRUSTED_NANOS || candidate.connection().isValid(2)) {
        return candidate.connection();
      }
      discard(candidate.connection());
    }
  }

  private void giveBack(Loan loan, boolean usable) {
    Connection connection = loan.connection();
    try {
      if (!usable && connection instanceof PgConnection) {
        discard(connection);
        discardKept();
      } else if (!usable || connection.isClosed() || !keep(loan)) {
        reset(loan);
      }
    } catch (SQLException e) {
      discard(connection);
    }
  }

  private boolean keep(Loan loan) {
    if (!(loan.connection() instanceof PgConnection)) {
      return false;
    }
    lock.lock();
    try {
      if (closed || kept.size() >= KEPT) {
        return false;
      }
      kept.addLast(new Kept(loan.connection(), System.nanoTime()));
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static void reset(Loan loan) throws SQLException {
    try (Connection connection = loan.connection()) {
      if (connection.isClosed()) {
        return;
      }
      if (loan.setTimeout()) {
        connection.setNetworkTimeout(Runnable::run, 0);
      }
      if (loan.setAutoCommit()) {
        connection.setAutoCommit(false);
      }
    }
  }

  private static void discard(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // It is given up in any case, most likely because it is lost already.
      LOG.debug("closing a connection failed", e);
    }
  }

  /** When one connection is lost, the others that lie here most likely are. */
  private void discardKept() {
    ArrayDeque<Kept> old;
    lock.lock();
    try {
      old = new ArrayDeque<>(kept);
      kept.clear();
    } finally {
      lock.unlock();
    }
    old.forEach(k -> discard(k.connection()));
  }

  /** Closes what is kept; later calls fail with {@link ErrorCode#CLOSED}. */
  @Override
  public void close() {
    lock.lock();
    closed = true;
    lock.unlock();
    discardKept();
  }
}
