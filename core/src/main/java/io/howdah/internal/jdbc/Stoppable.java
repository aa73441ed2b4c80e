package io.howdah.internal.jdbc;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs a user's handler and can be told to come to an end.
 *
 * <p>
 * An interrupt would destroy the connection that a virtual thread is inside of.
 * So the thread says when it enters a connection of ours and when it leaves it.
 * Whoever stops it cancels the statement that runs there, and interrupts the
 * thread once it is outside. From then on it is let into no connection any more
 * until its handler has come back.
 */
public final class Stoppable {

  private static final Logger LOG = LoggerFactory.getLogger(Stoppable.class);
  private static final ThreadLocal<@Nullable Stoppable> CURRENT = new ThreadLocal<>();

  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private int depth;
  private @Nullable Connection connection;
  private boolean stopped;
  private boolean interrupted;

  private Stoppable(Thread thread) {
    this.thread = thread;
  }

  /** Makes the current thread stoppable, for the rest of its life. */
  public static Stoppable currentThread() {
    Stoppable stoppable = new Stoppable(Thread.currentThread());
    CURRENT.set(stoppable);
    return stoppable;
  }

  static @Nullable Stoppable current() {
    return CURRENT.get();
  }

  /** The thread is about to use a connection; refused when it has been stopped. */
  public void enter(@Nullable Connection about) {
    lock.lock();
    try {
      if (stopped) {
        throw new HowdahException(ErrorCode.TIMEOUT, "this handler was told to come to an end; nothing was sent");
      }
      depth++;
      if (about != null) {
        connection = about;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The thread must use a connection whether it has been stopped or not, to bring
   * a transaction to its end.
   */
  public void shelter() {
    lock.lock();
    depth++;
    Thread.interrupted();
    lock.unlock();
  }

  /** The thread has left the connection. */
  public void leave() {
    lock.lock();
    try {
      if (--depth == 0) {
        connection = null;
        if (stopped) {
          interrupt();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  void using(Connection borrowed) {
    lock.lock();
    connection = borrowed;
    lock.unlock();
  }

  /**
   * Called by another thread, and again for as long as the handler has not come
   * back: a statement may not have begun yet when it was cancelled for the first
   * time. The lock is held while that lasts, so no later statement is hit.
   */
  public void stop() {
    lock.lock();
    try {
      stopped = true;
      if (depth == 0) {
        interrupt();
      } else {
        cancel();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Called by the thread itself: the handler has come back, and it may go on with the next one. */
  public void reset() {
    lock.lock();
    try {
      stopped = false;
      interrupted = false;
      Thread.interrupted(); // what was meant for this handler must not reach the next one
    } finally {
      lock.unlock();
    }
  }

  private void interrupt() {
    if (!interrupted) {
      interrupted = true;
      thread.interrupt();
    }
  }

  private void cancel() {
    Connection running = connection;
    try {
      if (running != null && running.isWrapperFor(PGConnection.class)) {
        running.unwrap(PGConnection.class).cancelQuery();
      }
    } catch (SQLException e) {
      LOG.debug("a statement could not be cancelled", e);
    }
  }
}
