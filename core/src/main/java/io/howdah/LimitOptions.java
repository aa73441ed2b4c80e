package io.howdah;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much of a queue or subscription its consumers may have, all of them
 * together, whatever process they run in. It lies in the database, and is
 * decided before messages are handed out: what waits uses up no attempt and
 * holds no lease.
 *
 * @param concurrency
 *          most messages in flight, 1 to 1,000,000; default null: no limit
 * @param rate
 *          most messages handed out in any period, 1 to 1,000,000; default null:
 *          no limit. About 3 % of it are left unused, so that handlers that start
 *          a little late do not exceed it
 * @param ratePeriod
 *          the period of the rate, 1 s to 1 day, default 1 s
 * @param singleActive
 *          whether one process at a time gets messages; another takes over when
 *          it has none any more or its leases have lapsed; default false
 */
public record LimitOptions(@Nullable Integer concurrency, @Nullable Integer rate, Duration ratePeriod,
    boolean singleActive) {

  private static final int MOST = 1_000_000;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final LimitOptions NONE = new LimitOptions(null, null, SECOND, false);

  public LimitOptions {
    if (concurrency != null) {
      Limits.between("concurrency", concurrency, 1, MOST);
    }
    if (rate != null) {
      Limits.between("rate", rate, 1, MOST);
    }
    Limits.between("ratePeriod", ratePeriod, SECOND, Duration.ofDays(1));
    if (rate == null && !ratePeriod.equals(SECOND)) {
      throw Limits.invalid("ratePeriod needs a rate");
    }
  }

  /** No limits. */
  public static LimitOptions none() {
    return NONE;
  }

  /** With at most so many messages in flight. */
  public LimitOptions withConcurrency(int newConcurrency) {
    return new LimitOptions(newConcurrency, rate, ratePeriod, singleActive);
  }

  public LimitOptions withoutConcurrency() {
    return new LimitOptions(null, rate, ratePeriod, singleActive);
  }

  /** With at most so many messages in any such period. */
  public LimitOptions withRate(int newRate, Duration newRatePeriod) {
    return new LimitOptions(concurrency, newRate, newRatePeriod, singleActive);
  }

  public LimitOptions withoutRate() {
    return new LimitOptions(concurrency, null, SECOND, singleActive);
  }

  public LimitOptions withSingleActive(boolean newSingleActive) {
    return new LimitOptions(concurrency, rate, ratePeriod, newSingleActive);
  }
}
