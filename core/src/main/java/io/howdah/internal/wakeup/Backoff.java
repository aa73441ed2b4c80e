package io.howdah.internal.wakeup;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Delays that double from one failure to the next, with jitter, so that a fleet
 * does not come back all at once.
 */
public final class Backoff {

  private final long leastNanos;
  private final long mostNanos;
  private long next;

  public Backoff(long leastNanos, long mostNanos) {
    this.leastNanos = leastNanos;
    this.mostNanos = mostNanos;
    this.next = leastNanos;
  }

  /** The next delay: between half and the whole of what has been doubled. */
  public long nextNanos() {
    long whole = next;
    next = Math.min(mostNanos, next * 2);
    return whole / 2 + ThreadLocalRandom.current().nextLong(whole / 2 + 1);
  }

  public void reset() {
    next = leastNanos;
  }
}
