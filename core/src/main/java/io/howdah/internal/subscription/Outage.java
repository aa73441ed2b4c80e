package io.howdah.internal.subscription;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.internal.wakeup.Backoff;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A time in which a worker's statements fail: told once when it begins and once
 * when it is over, and tried again at growing distances, whatever the reason
 * is. Even a queue that was dropped may be made again.
 */
final class Outage {

  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
  private static final int QUIET_CONTENTIONS = 5;

  private final String subscription;
  private final Counters counters;
  private final Backoff backoff = new Backoff(Duration.ofMillis(100).toNanos(), Duration.ofSeconds(5).toNanos());
  private boolean on;
  private int contentions;

  Outage(String subscription, Counters counters) {
    this.subscription = subscription;
    this.counters = counters;
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
    if (!on) {
      on = true;
      counters.outages.increment();
      if (e instanceof HowdahException) {
        LOG.warn("the worker of {} cannot go on and keeps trying: {}", subscription, e.getMessage());
      } else {
        LOG.error("the worker of {} met a defect and keeps trying", subscription, e);
      }
    }
    return backoff.nextNanos();
  }

  /** A statement has succeeded. */
  void over() {
    contentions = 0;
    if (on) {
      on = false;
      backoff.reset();
      LOG.info("the worker of {} goes on", subscription);
    }
  }
}
