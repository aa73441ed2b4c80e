package io.howdah;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a new subscription is like. It lies in the database, and holds for all
 * consumers.
 *
 * @param retries
 *          what becomes of messages that fail; default {@link RetryPolicy#defaults()}
 * @param ordering
 *          in which order messages are handed out; default null: as they come
 * @param expiresAfter
 *          after which time without use it is dropped, with what it holds, 1 s to 10
 *          years; default null: never
 * @param partition
 *          which part of the stream it takes; default null: all
 * @param limits
 *          how much of it its consumers may have; default {@link LimitOptions#none()}
 */
public record SubscriptionOptions(RetryPolicy retries, @Nullable Ordering ordering, @Nullable Duration expiresAfter,
    @Nullable Partition partition, LimitOptions limits) {

  private static final SubscriptionOptions DEFAULTS = new SubscriptionOptions(RetryPolicy.defaults(), null, null, null,
      LimitOptions.none());

  public SubscriptionOptions {
    Objects.requireNonNull(retries, "retries");
    Objects.requireNonNull(limits, "limits");
    if (expiresAfter != null) {
      Limits.between("expiresAfter", expiresAfter, Duration.ofSeconds(1), Duration.ofDays(3653));
    }
  }

  public static SubscriptionOptions defaults() {
    return DEFAULTS;
  }

  public SubscriptionOptions withRetries(RetryPolicy newRetries) {
    return new SubscriptionOptions(newRetries, ordering, expiresAfter, partition, limits);
  }

  public SubscriptionOptions withOrdering(@Nullable Ordering newOrdering) {
    return new SubscriptionOptions(retries, newOrdering, expiresAfter, partition, limits);
  }

  public SubscriptionOptions withExpiresAfter(@Nullable Duration newExpiresAfter) {
    return new SubscriptionOptions(retries, ordering, newExpiresAfter, partition, limits);
  }

  public SubscriptionOptions withPartition(@Nullable Partition newPartition) {
    return new SubscriptionOptions(retries, ordering, expiresAfter, newPartition, limits);
  }

  public SubscriptionOptions withLimits(LimitOptions newLimits) {
    return new SubscriptionOptions(retries, ordering, expiresAfter, partition, newLimits);
  }
}
