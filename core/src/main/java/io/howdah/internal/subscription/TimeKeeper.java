package io.howdah.internal.subscription;

import io.howdah.TimeLimit;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Ends calls of the handler whose time is over. One thread looks when the next
 * call can be due: those that have the usual limit are due the later the later
 * they begin, and one with a limit of its own wakes the thread if it is due
 * before the next look. A call that is over its limit gets a thread of its own, which tells it
 * to end again and again, since a handler may run several statements, and gives
 * its hand's place away when that does not help. Without a limit nothing is
 * kept.
 */
public final class TimeKeeper implements AutoCloseable {

  private static final long AGAIN = Duration.ofMillis(50).toNanos();
  private static final long LATER = Duration.ofSeconds(1).toNanos();

  private final TimeLimit usual;
  private final long longestWait;
  private final Counters counters;
  private final Set<Hand> hands = ConcurrentHashMap.newKeySet();
  private final @Nullable Thread thread;
  private volatile boolean closed;
  private volatile long nextLook = System.nanoTime();

  TimeKeeper(String name, TimeLimit timeLimit, Counters counters) {
    this.usual = timeLimit;
    this.longestWait = nanos(timeLimit);
    this.counters = counters;
    this.thread = timeLimit.limit() == null ? null : Thread.ofVirtual().name("howdah-time-" + name).start(this::run);
  }

  private static long nanos(TimeLimit limit) {
    Duration given = limit.limit();
    return given == null ? 0 : given.toNanos();
  }

  private enum State {
    RUNNING, ENDED, TIMED_OUT
  }

  /** One call of the handler. */
  final class Run {

    private final Hand hand;
    private final boolean patient;
    private final Runnable timedOut;
    private final AtomicBoolean told = new AtomicBoolean();
    private final long deadline;
    private final long abandonAfter;
    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    private final ReentrantLock lock = new ReentrantLock();
    private boolean back;

    private Run(Hand hand, TimeLimit limit, boolean patient, Runnable timedOut) {
      this.hand = hand;
      this.patient = patient;
      this.timedOut = timedOut;
      this.deadline = System.nanoTime() + nanos(limit);
      this.abandonAfter = limit.abandonAfter().toNanos();
    }

    /**
     * The handler has come back; false if it is too late. When this returns nobody
     * stops the hand any more.
     */
    boolean end() {
      if (state.compareAndSet(State.RUNNING, State.ENDED)) {
        return true;
      }
      lock.lock();
      back = true;
      lock.unlock();
      return false;
    }

    private void timeOut() {
      if (state.compareAndSet(State.RUNNING, State.TIMED_OUT)) {
        counters.timeouts.increment();
        counters.stuck.increment();
        Thread.ofVirtual().name("howdah-stop").start(this::stop);
        if (!patient) {
          endLate();
        }
      }
    }

    /** Its messages fail: nobody waits for the handler any more. */
    void endLate() {
      if (told.compareAndSet(false, true)) {
        timedOut.run();
      }
    }

    private void stop() {
      long abandonAt = System.nanoTime() + abandonAfter;
      while (tellToEnd()) {
        LockSupport.parkNanos(hand.isReplaced() ? LATER : AGAIN);
        if (!closed && !hand.isReplaced() && abandonAt - System.nanoTime() <= 0) {
          abandon();
        }
      }
      counters.stuck.decrement();
    }

    private boolean tellToEnd() {
      lock.lock();
      try {
        if (!back) {
          hand.stop();
        }
        return !back;
      } finally {
        lock.unlock();
      }
    }

    private void abandon() {
      lock.lock();
      try {
        if (!back) {
          endLate();
          hand.replace();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** A hand that is to be watched from now on, and until it is forgotten. */
  void watch(Hand hand) {
    if (thread != null) {
      hands.add(hand);
    }
  }

  void forget(Hand hand) {
    hands.remove(hand);
  }

  /**
   * A call begins.
   *
   * @param patient
   *          whether {@code timedOut} waits until the handler has come back or its hand's place is given away
   * @param timedOut
   *          is run if it takes too long; if it is not patient, before the hand is told
   */
  @Nullable
  Run begin(Hand hand, boolean patient, Runnable timedOut) {
    return thread == null ? null : new Run(hand, usual, patient, timedOut);
  }

  /** A patient call with a limit of its own begins; {@link #look} must follow when its hand can be seen to have it. */
  @Nullable
  Run begin(Hand hand, TimeLimit limit, Runnable timedOut) {
    return thread == null ? null : new Run(hand, limit, true, timedOut);
  }

  /** Looks at the calls before the next look is due, if this one is due before. */
  void look(@Nullable Run run) {
    if (run != null && run.deadline - nextLook < 0) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!closed) {
      long now = System.nanoTime();
      nextLook = now + longestWait; // whoever begins after its hand was looked at finds this, and wakes the thread
      long wait = longestWait;
      for (Hand hand : hands) {
        Run run = hand.run();
        if (run == null || run.state.get() != State.RUNNING) {
          continue;
        }
        if (run.deadline - now <= 0) {
          run.timeOut();
        } else {
          wait = Math.min(wait, run.deadline - now);
        }
      }
      nextLook = now + wait;
      LockSupport.parkNanos(wait);
    }
  }

  /** Calls that run may take as long as they like from now on. */
  @Override
  public void close() {
    closed = true;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
