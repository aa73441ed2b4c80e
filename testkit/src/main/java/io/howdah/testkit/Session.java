package io.howdah.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A named connection on a thread of its own, in auto-commit until {@link #begin()}: its statements can be started, seen blocked, and
 * awaited, so that a test can force an interleaving. One statement at a time; to be used by one thread.
 */
public final class Session implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  private final String name;
  private final Connection connection;
  private final int backend;
  private final Monitor monitor;
  private final ExecutorService thread;
  private CompletableFuture<Object> current = CompletableFuture.completedFuture(Rows.NONE);

  Session(String name, Connection connection, Monitor monitor) throws SQLException {
    this.name = Objects.requireNonNull(name, "name");
    this.connection = connection;
    this.backend = connection.unwrap(PGConnection.class).getBackendPID();
    this.monitor = monitor;
    this.thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("session " + name).factory());
  }

  /** Something done on the session's connection. */
  @FunctionalInterface
  public interface Work {
    /** Does it; the answer may be null. */
    @Nullable
    Object run(Connection connection) throws SQLException;
  }

  /** The name given by the test. */
  public String name() {
    return name;
  }

  /** The process id of the server process behind this session. */
  public int backend() {
    return backend;
  }

  /** Starts a statement and returns at once; {@code ?} stand for the arguments. */
  public Session run(String sql, @Nullable Object... arguments) {
    return start(connection -> Rows.of(connection, sql, arguments));
  }

  /** Starts something and returns at once. */
  public Session start(Work work) {
    if (isRunning()) {
      throw new IllegalStateException("session " + name + " is still busy; await() it first");
    }
    current = CompletableFuture.supplyAsync(() -> {
      try {
        Object answer = work.run(connection);
        return answer == null ? Rows.NONE : answer;
      } catch (SQLException e) {
        throw new DatabaseException("session " + name + ": " + e.getMessage(), e);
      }
    }, thread);
    return this;
  }

  /** Runs a statement to its end. */
  public Rows execute(String sql, @Nullable Object... arguments) {
    return run(sql, arguments).await();
  }

  /**
   * The rows of the statement that was started last, once it has ended.
   *
   * @throws DatabaseException if the statement failed
   * @throws AssertionError if it has not ended within 20 s
   */
  public Rows await() {
    return join(PATIENCE) instanceof Rows rows ? rows : Rows.NONE;
  }

  private Object join(Duration patience) {
    try {
      return current.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(
          "session " + name + " did not end within " + patience + "; it waits for " + monitor.blockersOf(backend), e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("session " + name + " failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while session " + name + " was awaited", e);
    }
  }

  /** Whether what was started last has ended within the time; its failure is left to {@link #await()}. */
  boolean hasEndedWithin(Duration patience) {
    try {
      current.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while session " + name + " was awaited", e);
    }
  }

  /** Whether the statement that was started last has not ended. */
  public boolean isRunning() {
    return !current.isDone();
  }

  /** Whether the running statement waits for a lock that another session holds. */
  public boolean isBlocked() {
    return isRunning() && !monitor.blockersOf(backend).isEmpty();
  }

  /** Returns when the running statement waits for a lock; an AssertionError if it ends instead, or after 20 s. */
  public Session awaitBlocked() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!isBlocked()) {
      if (hasEndedWithin(LOOK_AGAIN)) {
        throw new AssertionError("session " + name + " was expected to wait for a lock, but it ended");
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("session " + name + " waits for no lock, and does not end");
      }
    }
    return this;
  }

  /** Begins a transaction at the database's default isolation. */
  public Session begin() {
    execute("begin");
    return this;
  }

  /** Commits. */
  public void commit() {
    execute("commit");
  }

  /** Rolls back. */
  public void rollback() {
    execute("rollback");
  }

  /** Prepares the transaction for a two-phase commit under this identifier; the session is free afterwards. */
  public void prepare(String gid) {
    execute("prepare transaction '" + gid.replace("'", "''") + "'");
  }

  /** Commits a transaction that any session has prepared. */
  public void commitPrepared(String gid) {
    execute("commit prepared '" + gid.replace("'", "''") + "'");
  }

  /** Rolls back a transaction that any session has prepared. */
  public void rollbackPrepared(String gid) {
    execute("rollback prepared '" + gid.replace("'", "''") + "'");
  }

  /** Ends the server process behind this session as an administrator would: the transaction is lost. */
  public void terminate() {
    monitor.terminate(backend);
  }

  /** Closes the connection, whatever it is doing, and ends the thread. */
  @Override
  public void close() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      throw new DatabaseException("session " + name + " could not be closed", e);
    } finally {
      thread.shutdownNow();
    }
  }
}
