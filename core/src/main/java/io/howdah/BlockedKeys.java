package io.howdah;

import io.howdah.internal.ordering.OrderingFunctions;
import io.howdah.internal.wakeup.Bell;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an ordered queue or subscription whose first message has failed, and what to do with that message. A
 * strict subscription has one such key at most, and its name is not asked for: give null. Safe for several threads.
 * Errors: {@link ErrorCode#NOT_FOUND}; {@link ErrorCode#CONFLICT} if the key is not blocked, or its message is being
 * tried at this moment.
 */
public final class BlockedKeys {

  private final String subscription;
  private final OrderingFunctions functions;
  private final Bell bell;

  BlockedKeys(String subscription, OrderingFunctions functions, Bell bell) {
    this.subscription = subscription;
    this.functions = functions;
    this.bell = bell;
  }

  /**
   * Those that have been blocked for the longest time.
   *
   * @param quantity
   *          how many at most, 1 to 10,000
   */
  public List<BlockedKey> list(int quantity) {
    Limits.quantity("quantity", quantity);
    return functions.list(subscription, quantity);
  }

  /** Has the message tried at once, also one that was parked or had its last attempt. */
  public void retry(@Nullable String key) {
    functions.retry(subscription, key);
    bell.wake(subscription);
  }

  /** Gives the message up; it is counted as discarded, and the next one of the key has its turn. */
  public void skip(@Nullable String key) {
    functions.skip(subscription, key);
    bell.wake(subscription);
  }

  /** Leaves the key blocked until somebody retries, skips or rejects its message. */
  public void park(@Nullable String key) {
    functions.park(subscription, key);
  }

  /** Makes the message a dead letter with this reason; the next one of the key has its turn. */
  public void reject(@Nullable String key, String reason) {
    functions.reject(subscription, key, reason);
    bell.wake(subscription);
  }
}
