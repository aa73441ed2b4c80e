package io.howdah;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much of a queue or subscription its consumers may have, all of them
 * together, whatever process they run in. It lies in the database, and is
 * decided before messages are handed out: what waits uses up no attempt and
 * holds no lease. Messages without a key have no limits of a key.
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
 * @param keyConcurrency
 *          most messages of one key in flight, 1 to 1,000,000; default null: no
 *          limit, or one where there is an {@link Ordering}, which more than one
 *          contradicts
 * @param keyRate
 *          most messages of one key handed out in any period, as rate is; not
 *          with {@link Ordering.Order#STRICT}
 * @param keyRatePeriod
 *          the period of the rate of a key, 1 s to 1 day, default 1 s
 */
public record LimitOptions(@Nullable Integer concurrency, @Nullable Integer rate, Duration ratePeriod,
    boolean singleActive, @Nullable Integer keyConcurrency, @Nullable Integer keyRate, Duration keyRatePeriod) {

  private static final int MOST = 1_000_000;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final LimitOptions NONE = new LimitOptions(null, null, SECOND, false, null, null, SECOND);

  public LimitOptions {
    check("concurrency", concurrency);
    check("rate", rate, ratePeriod);
    check("keyConcurrency", keyConcurrency);
    check("keyRate", keyRate, keyRatePeriod);
  }

  private static void check(String name, @Nullable Integer limit) {
    if (limit != null) {
      Limits.between(name, limit, 1, MOST);
    }
  }

  private static void check(String name, @Nullable Integer rate, Duration period) {
    check(name, rate);
    Limits.between(name + "Period", period, SECOND, Duration.ofDays(1));
    if (rate == null && !period.equals(SECOND)) {
      throw Limits.invalid(name + "Period needs a " + name);
    }
  }

  /** No limits. */
  public static LimitOptions none() {
    return NONE;
  }

  /** With at most so many messages in flight. */
  public LimitOptions withConcurrency(int newConcurrency) {
    return concurrency(newConcurrency, keyConcurrency);
  }

  public LimitOptions withoutConcurrency() {
    return concurrency(null, keyConcurrency);
  }

  /** With at most so many messages of one key in flight. */
  public LimitOptions withKeyConcurrency(int newKeyConcurrency) {
    return concurrency(concurrency, newKeyConcurrency);
  }

  public LimitOptions withoutKeyConcurrency() {
    return concurrency(concurrency, null);
  }

  private LimitOptions concurrency(@Nullable Integer all, @Nullable Integer key) {
    return new LimitOptions(all, rate, ratePeriod, singleActive, key, keyRate, keyRatePeriod);
  }

  /** With at most so many messages in any such period. */
  public LimitOptions withRate(int newRate, Duration newRatePeriod) {
    return rate(newRate, newRatePeriod);
  }

  public LimitOptions withoutRate() {
    return rate(null, SECOND);
  }

  private LimitOptions rate(@Nullable Integer newRate, Duration period) {
    return new LimitOptions(concurrency, newRate, period, singleActive, keyConcurrency, keyRate, keyRatePeriod);
  }

  /** With at most so many messages of one key in any such period. */
  public LimitOptions withKeyRate(int newKeyRate, Duration newKeyRatePeriod) {
    return keyRate(newKeyRate, newKeyRatePeriod);
  }

  public LimitOptions withoutKeyRate() {
    return keyRate(null, SECOND);
  }

  private LimitOptions keyRate(@Nullable Integer newRate, Duration period) {
    return new LimitOptions(concurrency, rate, ratePeriod, singleActive, keyConcurrency, newRate, period);
  }

  public LimitOptions withSingleActive(boolean newSingleActive) {
    return new LimitOptions(concurrency, rate, ratePeriod, newSingleActive, keyConcurrency, keyRate, keyRatePeriod);
  }
}
