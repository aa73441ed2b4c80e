package io.howdah.internal.wakeup;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Something happened: raised by any thread, awaited by one. A signal raised
 * before the wait is not lost.
 */
public final class Signal {

  private final AtomicBoolean raised = new AtomicBoolean();
  private volatile Thread waiter = Thread.currentThread();

  public void raise() {
    if (!raised.get() && raised.compareAndSet(false, true)) {
      LockSupport.unpark(waiter);
    }
  }

  /**
   * Waits until the signal is raised and lowers it, or until the time is over.
   */
  public void await(long nanos) {
    waiter = Thread.currentThread();
    long deadline = System.nanoTime() + nanos;
    long left = nanos;
    while (!raised.compareAndSet(true, false) && left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, left);
      left = deadline - System.nanoTime();
    }
  }
}
