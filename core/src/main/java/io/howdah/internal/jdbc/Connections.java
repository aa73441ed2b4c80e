package io.howdah.internal.jdbc;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.internal.jdbc.KeptConnections.Loan;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lends connections, one statement at a time.
 *
 * <p>
 * A pooled connection goes back to its pool at once, one that the driver itself
 * made to the {@link KeptConnections}. Nothing is assumed about the
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
  /** How much longer than usual what is slow by its nature may take. */
  private static final int SLOW = 4;
  /** How long a cancelled statement may take to end, before its connection is given up. */
  private static final Duration TO_END = Duration.ofSeconds(2);

  private final DataSource source;
  private final Duration timeout;
  private final KeptConnections kept = new KeptConnections();
  private final Watchdog watchdog = new Watchdog();

  public Connections(DataSource source, Duration timeout) {
    this.source = source;
    this.timeout = timeout;
  }

  /**
   * Runs work that may be repeated: after a lost connection its effect does not
   * matter.
   */
  public <R> R call(Work<R> work) {
    return run(null, work, timeout);
  }

  /** {@link #call} for work that may take long: it looks at, moves or removes any number of messages. */
  public <R> R callSlow(Work<R> work) {
    return run(null, work, timeout.multipliedBy(SLOW));
  }

  /**
   * Runs work that must not be repeated blindly: if the connection is lost, the
   * error says that nobody knows.
   */
  public <R> R commit(String what, Work<R> work) {
    return run(what, work, timeout);
  }

  /** {@link #commit} for work that may take long, see {@link #callSlow}. */
  public <R> R commitSlow(String what, Work<R> work) {
    return run(what, work, timeout.multipliedBy(SLOW));
  }

  private <R> R run(@Nullable String what, Work<R> work, Duration limit) {
    Stoppable thread = Stoppable.current();
    if (thread == null) {
      return runWith(null, what, work, limit);
    }
    thread.enter(null);
    try {
      return runWith(thread, what, work, limit);
    } finally {
      thread.leave();
    }
  }

  private <R> R runWith(@Nullable Stoppable thread, @Nullable String what, Work<R> work, Duration limit) {
    Loan loan = borrow(limit);
    if (thread != null) {
      thread.using(loan.connection());
    }
    Watchdog.Watch watch = watchdog.watch(loan.connection(), limit);
    boolean usable = false;
    try {
      R result = work.run(loan.connection());
      usable = true;
      return result;
    } catch (SQLException e) {
      usable = !SqlErrors.connectionLost(e);
      throw what != null && !usable ? unknown(what, e) : SqlErrors.translate(e);
    } finally {
      boolean calm = watch.end();
      if (!calm) {
        evict(loan.connection());
      }
      giveBack(loan, calm && usable);
    }
  }

  /**
   * Runs work in a transaction of its own and commits; whatever it throws rolls
   * back. The connection is held until then. Only the socket limits how long a
   * statement may take, as in {@link #callSlow}.
   */
  public <R> R transaction(Transaction<R> work) throws Exception {
    Stoppable thread = Stoppable.current();
    Loan loan = inside(thread, () -> borrow(timeout.multipliedBy(SLOW)));
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

  private Loan borrow(Duration limit) {
    try {
      Loan old = kept.take();
      return limited(old == null ? lend(source.getConnection()) : old, limit);
    } catch (SQLException e) {
      HowdahException translated = SqlErrors.translate(e);
      ErrorCode code = translated.code() == ErrorCode.DENIED ? ErrorCode.DENIED : ErrorCode.UNAVAILABLE;
      throw new HowdahException(code, "no connection to PostgreSQL, nothing was sent: " + translated.getMessage(), e);
    }
  }

  private static Loan limited(Loan loan, Duration limit) throws SQLException {
    try {
      if (loan.setTimeout()) {
        loan.connection().setNetworkTimeout(Runnable::run, Math.toIntExact(limit.plus(TO_END).toMillis()));
      }
      return loan;
    } catch (SQLException e) {
      KeptConnections.discard(loan.connection());
      throw e;
    }
  }

  private static Loan lend(Connection connection) throws SQLException {
    try {
      boolean setAutoCommit = !connection.getAutoCommit();
      if (setAutoCommit) {
        connection.setAutoCommit(true);
      }
      return new Loan(connection, setAutoCommit, connection.getNetworkTimeout() == 0);
    } catch (SQLException e) {
      KeptConnections.discard(connection);
      throw e;
    }
  }

  private void giveBack(Loan loan, boolean usable) {
    Connection connection = loan.connection();
    try {
      if (!usable && connection instanceof PgConnection) {
        KeptConnections.discard(connection);
        kept.discardAll();
      } else if (!usable || connection.isClosed() || !kept.keep(loan)) {
        reset(loan);
      }
    } catch (SQLException e) {
      KeptConnections.discard(connection);
    }
  }

  /** A cancel may still be under way to this connection, so its pool must not lend it again. */
  private static void evict(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      LOG.debug("a pool could not be told to give up a connection", e);
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

  /** Closes what is kept; later calls fail with {@link ErrorCode#CLOSED}. */
  @Override
  public void close() {
    kept.close();
    watchdog.close();
  }
}
