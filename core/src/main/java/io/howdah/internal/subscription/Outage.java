package io.howdah.internal.subscription;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.internal.failure.ErrorText;
import io.howdah.internal.wakeup.Backoff;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A time in which a worker's statements fail: told once when it begins and once
 * when it is over, and tried again at growing distances, whatever the reason
 * is, but that the subscription was dropped, see {@link Ending}.
 *
 * <p>
 * One success is not its end: a database that goes away, or a network that
 * comes back, cuts connections one after the other. It is over when nothing has
 * failed for a while.
 */
final class Outage {

  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
  private static final int QUIET_CONTENTIONS = 5;
  private static final long CALM_NANOS = Duration.ofSeconds(10).toNanos();

  private final String subscription;
  private final Counters counters;
  private final LongSupplier nanoTime;
  private final Backoff backoff = new Backoff(Duration.ofMillis(100).toNanos(), Duration.ofSeconds(5).toNanos());
  private int contentions;

  private boolean on;
  /** Whether the newest attempt has failed. */
  private volatile boolean failing;
  private boolean toldDefect;
  private long failures;
  private long begun;
  private long recovered;

  Outage(String subscription, Counters counters, LongSupplier nanoTime) {
    this.subscription = subscription;
    this.counters = counters;
    this.nanoTime = nanoTime;
  }

  /**
   * Returns how long to wait. Two transactions in each other's way are no outage,
   * unless it goes on.
   */
  long failed(Throwable e) {
    boolean contention = e instanceof HowdahException known && known.code() == ErrorCode.CONTENTION;
    if (contention && ++contentions <= QUIET_CONTENTIONS) {
      return Duration.ofMillis(contentions).toNanos();
    }
    tell(e);
    failing = true;
    failures++;
    return backoff.nextNanos();
  }

  /** A defect is told even if the outage has begun with something else, which may have hidden it. */
  private void tell(Throwable e) {
    boolean first = !on;
    if (first) {
      on = true;
      begun = nanoTime.getAsLong();
      failures = 0;
      toldDefect = false;
      counters.outages.increment();
    }
    if (!(e instanceof HowdahException) && !toldDefect) {
      toldDefect = true;
      LOG.error("the worker of {} met a defect and keeps trying", subscription, ErrorText.readable(e));
    } else if (first) {
      LOG.warn("the worker of {} cannot go on and keeps trying: {}", subscription, e.getMessage());
    } else {
      LOG.debug("the worker of {} still cannot go on: {}", subscription, e.getMessage());
    }
  }

  /** Asked by any thread. */
  boolean isFailing() {
    return failing;
  }

  /** A statement has succeeded. */
  void succeeded() {
    contentions = 0;
    if (!on) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (failing) {
      failing = false;
      recovered = now;
      backoff.reset();
    } else if (now - recovered >= CALM_NANOS) {
      end();
    }
  }

  /** The worker is closed. */
  void close() {
    if (on) {
      end();
    }
  }

  private void end() {
    on = false;
    LOG.info("the worker of {} {}: {} attempts failed within {} ms", subscription,
        failing ? "was closed before it could go on" : "goes on", failures,
        Duration.ofNanos((failing ? nanoTime.getAsLong() : recovered) - begun).toMillis());
  }
}
