package io.howdah.internal.subscription;

import io.howdah.internal.wakeup.Signal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads that call the handler, as many as may run at a time. They share
 * the messages of the slices that are offered, in order; a hand comes back for
 * another slice only when nothing of this one is left to start.
 */
final class Hands<T> {

  private final Call<T> call;
  private final Signal signal;
  private final List<Thread> threads = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition offered = lock.newCondition();
  private volatile boolean interrupted;

  // Guarded by lock.
  private final ArrayDeque<Slice<T>> slices = new ArrayDeque<>();
  private int waiting;
  private int busy;
  private boolean stopped;

  Hands(String name, int count, Call<T> call, Signal signal) {
    this.call = call;
    this.signal = signal;
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofVirtual().name("howdah-handler-" + name + "-" + i).unstarted(this::run));
    }
    threads.forEach(Thread::start);
  }

  void offer(Slice<T> slice) {
    lock.lock();
    try {
      slices.addLast(slice);
      int wanted = call.isBatches() ? 1 : slice.size();
      for (int i = Math.min(wanted, waiting); i > 0; i--) {
        offered.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many have nothing to do, or have not begun yet. */
  int idle() {
    lock.lock();
    try {
      return threads.size() - busy;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    for (Slice<T> slice = take(); slice != null; slice = take()) {
      call.on(slice);
      if (!interrupted) {
        Thread.interrupted(); // a handler that has interrupted itself must not do so to the next one
      }
      putDown();
      signal.raise(); // it is answered, or at least all of it is started: the loop may want more
    }
  }

  private void putDown() {
    lock.lock();
    busy--;
    lock.unlock();
  }

  private @Nullable Slice<T> take() {
    lock.lock();
    try {
      while (!stopped) {
        Slice<T> first = slices.peekFirst();
        if (first == null) {
          waiting++;
          offered.awaitUninterruptibly();
          waiting--;
        } else if (first.unstarted() == 0) {
          slices.removeFirst();
        } else {
          busy++;
          return first;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands that wait end now; those at work end after this call of the handler.
   */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      offered.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Tells handlers that run to come to an end. */
  void interrupt() {
    interrupted = true;
    call.interrupting();
    threads.forEach(Thread::interrupt);
  }
}
