package io.howdah.internal.wakeup;

import io.howdah.HowdahException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When one worker looks for messages again. After a look that found as many as
 * were asked for: at once. After a poorer one: 1 ms later, doubling. Once it
 * has waited 50 ms in all, it leaves a sleeping mark, looks once more, and from
 * then on waits for the bell: at most 20 ms at first, then up to the longest
 * poll or until something falls due. Without a bell to be heard it keeps
 * polling, at most 250 ms apart. After a second in which every look found
 * something, the mark is taken away.
 */
public final class Sleeper {

  private static final Logger LOG = LoggerFactory.getLogger(Sleeper.class);
  private static final long FIRST_POLL = Duration.ofMillis(1).toNanos();
  private static final long LONGEST_POLL = Duration.ofMillis(250).toNanos();
  private static final long FIRST_SLEEP = Duration.ofMillis(20).toNanos();
  private static final long IDLE = Duration.ofMillis(50).toNanos();
  private static final long BUSY = Duration.ofSeconds(1).toNanos();

  private final Bell bell;
  private final String subscription;
  private final Signal signal;
  private final long longestSleep;
  private final AtomicBoolean rung = new AtomicBoolean();

  // Owned by the worker's loop.
  private long looked = System.nanoTime();
  private long lookAt = looked;
  private long earliest = looked;
  private long nothing = looked;
  private long idle;
  private long poll = FIRST_POLL;
  private long sleep = FIRST_SLEEP;
  /** Whether this wait ends when something falls due: the first look then only moves it into the log. */
  private boolean falling;
  private boolean streamKnown;
  private boolean marked;

  Sleeper(Bell bell, String subscription, Signal signal, Duration longestPoll) {
    this.bell = bell;
    this.subscription = subscription;
    this.signal = signal;
    this.longestSleep = longestPoll.toNanos();
  }

  /** Called by any thread. */
  void ring() {
    if (!rung.get() && rung.compareAndSet(false, true)) {
      signal.raise();
    }
  }

  /** Nanoseconds until the next look is due; not positive: now. */
  public long untilLook(long now) {
    return (rung.get() ? earliest : lookAt) - now;
  }

  /** A look begins: what is rung from here on counts for the next one. */
  public void looking() {
    rung.set(false);
    idle += System.nanoTime() - looked;
  }

  /** A look has ended. */
  public void looked(int found, int asked) {
    long now = System.nanoTime();
    looked = now;
    if (found >= asked) {
      lookAt = now;
      earliest = now;
      sleep = FIRST_SLEEP;
      poll = FIRST_POLL;
      busy(now);
      return;
    }
    if (found > 0) {
      busy(now);
      poll = FIRST_POLL;
      sleep = FIRST_SLEEP;
      lookAt = now + FIRST_POLL;
      earliest = lookAt;
    } else {
      nothing = now;
      earliest = now;
      lookAt = now + pauseAfterNothing();
    }
  }

  private void busy(long now) {
    if (now - nothing < BUSY) {
      return;
    }
    idle = 0;
    if (marked) {
      marked = false;
      bell.marks().drop(subscription);
    }
  }

  private long pauseAfterNothing() {
    if (idle >= IDLE && !streamKnown) {
      bell.wakeOn(bell.connections().call(c -> WakeupFunctions.stream(c, subscription)), this);
      streamKnown = true;
      return 0; // what was published before this worker was known there
    }
    if (idle < IDLE || !bell.isHeard()) {
      long pause = Math.min(poll, longestSleep);
      poll = Math.min(LONGEST_POLL, poll * 2);
      return pause;
    }
    if (!marked) {
      bell.wakeOn(bell.marks().take(subscription), this);
      marked = true;
      return 0; // the look that sees what was committed before the mark
    }
    bell.marks().renew(subscription);
    return sleep();
  }

  private long sleep() {
    if (falling) {
      falling = false;
      sleep = FIRST_SLEEP;
      return FIRST_POLL;
    }
    long pause = Math.min(sleep, longestSleep);
    if (sleep > FIRST_SLEEP) {
      long due = bell.connections().call(c -> WakeupFunctions.dueInMillis(c, subscription));
      long dueNanos = Duration.ofMillis(Math.clamp(due, 1, longestSleep / 1_000_000 + 1)).toNanos();
      falling = dueNanos < pause;
      pause = Math.min(pause, dueNanos);
    }
    sleep = sleep == FIRST_SLEEP ? LONGEST_POLL : Math.min(longestSleep, sleep * 2);
    return pause;
  }

  /** The worker has ended. */
  public void close() {
    bell.remove(this);
    if (marked) {
      marked = false;
      try {
        bell.marks().drop(subscription);
      } catch (HowdahException e) {
        LOG.debug("the sleeping mark of {} stays until its time is over: {}", subscription, e.getMessage());
      }
    }
  }
}
