package io.howdah.internal.wakeup;

import io.howdah.HowdahException;
import io.howdah.Reading;
import io.howdah.Reading.LongPoll;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When one worker looks for messages again. After a look that found as many as
 * were asked for: at once. After a poorer one: 1 ms later, doubling. Once it
 * has waited 50 ms in all, it leaves a sleeping mark, looks once more, and from
 * then on waits for the bell: at most 20 ms at first, then up to the longest
 * poll or until something falls due. Without a bell to be heard it keeps
 * polling, at most 250 ms apart; one that is to poll anyway does so at its
 * interval. After a second in which every look found
 * something, the mark is taken away. Where a rate is why there is nothing, it
 * looks when the database says that more is permitted, and where something has
 * to be settled first, it is rung by who does.
 */
public final class Sleeper {

  private static final Logger LOG = LoggerFactory.getLogger(Sleeper.class);
  private static final long FIRST_POLL = Duration.ofMillis(1).toNanos();
  private static final long LONGEST_POLL = Duration.ofMillis(250).toNanos();
  private static final long FIRST_SLEEP = Duration.ofMillis(20).toNanos();
  private static final long IDLE = Duration.ofMillis(50).toNanos();
  /** A rate may be changed by somebody who is not heard. */
  private static final long PERMIT = Duration.ofSeconds(5).toNanos();
  private static final long NEAR = Duration.ofMillis(5).toNanos();
  private static final long UNKNOWN = Long.MIN_VALUE;
  private static final long BUSY = Duration.ofSeconds(1).toNanos();

  private final Bell bell;
  private final String subscription;
  private final Signal signal;
  private final Reading reading;
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
  /** When something falls due, as far as is known. */
  private long dueAt = UNKNOWN;
  private int falls;
  /** When a long poll began; 0: there is none. */
  private long pollingSince;
  private boolean streamKnown;
  private boolean marked;

  Sleeper(Bell bell, String subscription, Signal signal, Reading reading) {
    this.bell = bell;
    this.subscription = subscription;
    this.signal = signal;
    this.reading = reading;
    this.longestSleep = reading.interval().toNanos();
  }

  /** Called by any thread. */
  public void ring() {
    if (!rung.get() && rung.compareAndSet(false, true)) {
      signal.raise();
    }
  }

  /** Something may be had for this worker, and for others of its subscription, in all processes. Never blocks. */
  public void ringAll() {
    ring();
    ringOthers();
  }

  /** Something may be had for others of the subscription, in all processes. Never blocks. */
  public void ringOthers() {
    bell.freed(subscription, this);
  }

  /** Nanoseconds until the next look is due; not positive: now. */
  public long untilLook(long now) {
    if (marked) {
      bell.marks().renew(subscription);
    }
    return (rung.get() ? earliest : lookAt) - now;
  }

  /**
   * A look begins: what is rung from here on counts for the next one. What has
   * fallen due meanwhile is moved into the log first, in a transaction of its own:
   * a claim would not see what it has moved itself.
   */
  public void looking() {
    rung.set(false);
    long now = System.nanoTime();
    idle += now - looked;
    if (reading.mode() == Reading.Mode.POLL || dueAt != UNKNOWN && now - dueAt >= 0) {
      bell.connections().call(WakeupFunctions::promote);
    }
  }

  /** A look has ended; what limits said to it. */
  public void looked(int found, int asked, Permit permit) {
    if (permit.nanos() > 0) {
      waitForRate(permit.nanos());
      return;
    }
    looked(found, asked);
    if (permit.keyNanos() > 0) {
      lookAt = Math.min(lookAt, looked + permit.keyNanos());
    }
    if (permit.crowded()) {
      earliest = Math.max(earliest, looked + FIRST_POLL);
    }
  }

  /** Until the time that the database says; a bell does not hurry it much, nothing is permitted. */
  private void waitForRate(long nanos) {
    long now = System.nanoTime();
    looked = now;
    dueAt = UNKNOWN;
    poll = FIRST_POLL;
    boolean first = nanos > LONGEST_POLL && reading.mode() != Reading.Mode.POLL && bell.isHeard() && mark();
    // once more at once if there was no mark before: another rate may have been set
    lookAt = first ? now : now + Math.min(nanos, Math.max(longestSleep, PERMIT));
    earliest = now + Math.min(nanos, LONGEST_POLL);
  }

  /** Leaves a mark; false if there is one already. */
  private boolean mark() {
    if (marked) {
      return false;
    }
    bell.wakeOn(bell.marks().take(subscription), this);
    marked = true;
    return true;
  }

  private void looked(int found, int asked) {
    long now = System.nanoTime();
    boolean fell = dueAt != UNKNOWN && now - dueAt >= -NEAR;
    looked = now;
    dueAt = UNKNOWN;
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
      lookAt = now + (fell && ++falls < 3 ? pauseAfterFall(now) : pauseAfterNothing());
    }
  }

  /** What fell due is about to be committed by somebody else, or cannot be had yet: soon again, then a nap. */
  private long pauseAfterFall(long now) {
    long pause = falls == 1 ? FIRST_POLL : Math.min(FIRST_SLEEP, longestSleep);
    dueAt = now + pause;
    return pause;
  }

  private void busy(long now) {
    falls = 0;
    pollingSince = 0;
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
    falls = 0;
    long again = longPoll();
    if (again > 0) {
      return again;
    }
    if (reading.mode() == Reading.Mode.POLL) {
      return longestSleep;
    }
    if (idle >= IDLE && !streamKnown) {
      bell.wakeOn(bell.connections().call(c -> WakeupFunctions.stream(c, subscription)), this);
      streamKnown = true;
      return 0; // what was published before this worker was known there
    }
    if (idle < IDLE || !bell.isHeard()) {
      long pause = Math.min(poll, longestSleep);
      poll = Math.min(LONGEST_POLL, poll * 2);
      return untilDue(pause);
    }
    if (mark()) {
      return 0; // the look that sees what was committed before the mark
    }
    long pause = Math.min(sleep, longestSleep);
    sleep = sleep == FIRST_SLEEP ? LONGEST_POLL : Math.min(longestSleep, sleep * 2);
    return untilDue(pause);
  }

  /** The pause before the same look is repeated, or 0 if it is over. */
  private long longPoll() {
    LongPoll longPoll = reading.longPoll();
    if (longPoll == null) {
      return 0;
    }
    if (pollingSince == 0) {
      pollingSince = nothing;
    }
    if (nothing - pollingSince < longPoll.timeout().toNanos()) {
      return longPoll.every().toNanos();
    }
    pollingSince = 0;
    return 0;
  }

  /** The pause, or less if something falls due or a lease lapses earlier; short ones are not worth the question. */
  private long untilDue(long pause) {
    if (pause < FIRST_SLEEP) {
      return pause;
    }
    long micros = bell.connections().call(c -> WakeupFunctions.dueInMicros(c, subscription));
    long nanos = TimeUnit.MICROSECONDS.toNanos(Math.clamp(micros, 0, TimeUnit.NANOSECONDS.toMicros(pause) + 1));
    if (nanos > pause) {
      return pause;
    }
    dueAt = System.nanoTime() + nanos;
    return Math.max(nanos, FIRST_POLL);
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
