package io.howdah.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cancels in the database what takes too long there. The limit is no setting of
 * a session, so it holds behind a transaction pooler, and it costs no round
 * trip while all is well. Nor is it the driver's own: there a cancel that gets
 * no answer holds up its statement, and all other cancels of the process.
 */
final class Watchdog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
  private static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();

  private enum State {
    RUNNING, CANCELLED, ENDED
  }

  /** Something that runs on a connection. */
  final class Watch {
    private final Connection connection;
    private final long deadline;
    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);

    private Watch(Connection connection, long deadline) {
      this.connection = connection;
      this.deadline = deadline;
    }

    /** It has ended. False if it was told to: that may hit whatever runs next on the connection, so nothing may. */
    boolean end() {
      watches.remove(this);
      return state.compareAndSet(State.RUNNING, State.ENDED);
    }

    private void cancelIfLate(long now) {
      if (now - deadline >= 0 && state.compareAndSet(State.RUNNING, State.CANCELLED)) {
        Thread.ofVirtual().name("howdah-cancel").start(this::cancel);
      }
    }

    private void cancel() {
      try {
        if (connection.isWrapperFor(PGConnection.class)) {
          connection.unwrap(PGConnection.class).cancelQuery();
        }
      } catch (SQLException e) {
        LOG.debug("a statement could not be cancelled; its connection is given up soon", e);
      }
    }
  }

  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile boolean closed;
  private volatile @Nullable Thread thread;

  /** Watches what is about to run on the connection, until its end. */
  Watch watch(Connection connection, Duration limit) {
    Watch watch = new Watch(connection, System.nanoTime() + limit.toNanos());
    watches.add(watch);
    if (!started.get() && started.compareAndSet(false, true)) {
      thread = Thread.ofVirtual().name("howdah-watchdog").start(this::run);
    }
    return watch;
  }

  private void run() {
    while (!closed) {
      LockSupport.parkNanos(this, LOOK_NANOS);
      long now = System.nanoTime();
      watches.forEach(watch -> watch.cancelIfLate(now));
    }
  }

  /** What runs is not watched any more. */
  @Override
  public void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      LockSupport.unpark(running);
    }
  }
}
