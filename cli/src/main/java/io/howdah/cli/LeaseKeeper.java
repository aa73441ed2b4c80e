package io.howdah.cli;

import io.howdah.Batch;
import io.howdah.HowdahException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews the lease of the batch that is being written, however long the reader of stdout takes. */
final class LeaseKeeper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final long everyNanos;
  private final Thread thread;
  private @Nullable Batch<?> held;
  private long renewAt;
  private boolean closed;

  private LeaseKeeper(Duration lease) {
    this.everyNanos = lease.toNanos() / 3;
    this.thread = Thread.ofVirtual().name("howdah-leases").unstarted(this::run);
  }

  static LeaseKeeper start(Duration lease) {
    LeaseKeeper keeper = new LeaseKeeper(lease);
    keeper.thread.start();
    return keeper;
  }

  /** From now on this renews the batch, and nobody else touches it. */
  void hold(Batch<?> batch) {
    lock.lock();
    try {
      held = batch;
      renewAt = System.nanoTime() + everyNanos;
    } finally {
      lock.unlock();
    }
  }

  /** When this returns, the batch is the caller's again. */
  void letGo() {
    lock.lock();
    try {
      held = null;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    lock.lock();
    try {
      while (!closed) {
        long left = held == null ? everyNanos : renewAt - System.nanoTime();
        if (left > 0) {
          long ignored = changed.awaitNanos(left);
        } else {
          renew();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** A renewal that fails is no end: the settlement will find out whether the lease is still there. */
  private void renew() {
    renewAt = System.nanoTime() + everyNanos;
    Batch<?> batch = held;
    if (batch == null) {
      return;
    }
    try {
      batch.renew();
    } catch (HowdahException e) {
      LOG.warn("a lease could not be renewed: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
