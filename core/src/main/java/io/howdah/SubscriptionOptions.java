package io.howdah;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription is like. It lies in the database, and holds for all
 * consumers. {@link Subscription#alter(SubscriptionOptions)} changes it.
 *
 * @param retries
 *          what becomes of messages that fail; default {@link RetryPolicy#defaults()}
 * @param ordering
 *          in which order messages are handed out; default null: as they come. Only whether it blocks can be changed
 * @param expiresAfter
 *          after which time without use it is dropped, with what it holds, 1 s to 10
 *          years; default null: never
 * @param partition
 *          which part of the stream it takes; default null: all
 * @param limits
 *          how much of it its consumers may have; default {@link LimitOptions#none()}
 * @param afterExpiry
 *          what becomes of a message whose time to live is over; default {@link AfterExpiry#DISCARD}
 */
public record SubscriptionOptions(RetryPolicy retries, @Nullable Ordering ordering, @Nullable Duration expiresAfter,
    @Nullable Partition partition, LimitOptions limits, AfterExpiry afterExpiry) {

  /** What becomes of a message whose time to live was over before it could be handed out. */
  public enum AfterExpiry {
    /** It is gone, and counted: {@link SubscriptionStats#expired()}. */
    DISCARD,
    /** It is counted, and kept as a dead letter with the reason {@code expired}. */
    DEAD_LETTER
  }

  private static final SubscriptionOptions DEFAULTS = new SubscriptionOptions(RetryPolicy.defaults(), null, null, null,
      LimitOptions.none(), AfterExpiry.DISCARD);

  public SubscriptionOptions {
    Objects.requireNonNull(retries, "retries");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(afterExpiry, "afterExpiry");
    if (expiresAfter != null) {
      Limits.between("expiresAfter", expiresAfter, Duration.ofSeconds(1), Duration.ofDays(3653));
    }
  }

  public static SubscriptionOptions defaults() {
    return DEFAULTS;
  }

  public SubscriptionOptions withRetries(RetryPolicy newRetries) {
    return new SubscriptionOptions(newRetries, ordering, expiresAfter, partition, limits, afterExpiry);
  }

  public SubscriptionOptions withOrdering(@Nullable Ordering newOrdering) {
    return new SubscriptionOptions(retries, newOrdering, expiresAfter, partition, limits, afterExpiry);
  }

  public SubscriptionOptions withExpiresAfter(@Nullable Duration newExpiresAfter) {
    return new SubscriptionOptions(retries, ordering, newExpiresAfter, partition, limits, afterExpiry);
  }

  public SubscriptionOptions withPartition(@Nullable Partition newPartition) {
    return new SubscriptionOptions(retries, ordering, expiresAfter, newPartition, limits, afterExpiry);
  }

  public SubscriptionOptions withLimits(LimitOptions newLimits) {
    return new SubscriptionOptions(retries, ordering, expiresAfter, partition, newLimits, afterExpiry);
  }

  public SubscriptionOptions withAfterExpiry(AfterExpiry newAfterExpiry) {
    return new SubscriptionOptions(retries, ordering, expiresAfter, partition, limits, newAfterExpiry);
  }
}
