package io.howdah.internal.subscription;

import io.howdah.WorkerState;
import io.howdah.internal.wakeup.Signal;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whether a worker may claim. The loop asks before each claim, and tells at the
 * beginning of each turn how many slices it has: one that is told after the gate
 * was shut is followed by no claim any more, so a drain that hears of none is
 * over.
 */
final class Gate {

  private final Signal signal;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile WorkerState state;

  // Guarded by lock.
  private boolean empty;

  Gate(Signal signal, boolean enabled) {
    this.signal = signal;
    this.state = enabled ? WorkerState.RUNNING : WorkerState.DISABLED;
  }

  WorkerState state() {
    return state;
  }

  boolean isOpen() {
    return state == WorkerState.RUNNING;
  }

  /** Whether what is claimed and not started goes back. */
  boolean handsBack() {
    return state == WorkerState.PAUSED || state == WorkerState.DISABLED;
  }

  void set(WorkerState newState) {
    lock.lock();
    try {
      if (state != WorkerState.CLOSED && state != WorkerState.FAILED) {
        state = newState;
        empty = false;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
    signal.raise();
  }

  /** The loop says how many slices it has. */
  void holds(int slices) {
    if (state == WorkerState.RUNNING) {
      return;
    }
    lock.lock();
    try {
      empty = slices == 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the loop has nothing left; false if it has, or has been resumed. */
  boolean awaitEmpty(Duration most) {
    long left = most.toNanos();
    lock.lock();
    try {
      while (!empty && left > 0 && state == WorkerState.DRAINING) {
        left = changed.awaitNanos(left);
      }
      return empty;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
