package io.howdah;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long one call of a handler may take. When the time is over, its messages
 * fail at once with the reason {@code timeout}; whatever the handler answers
 * later changes nothing. A statement of Howdah's that it runs is cancelled, and
 * then its thread is interrupted, but never inside a connection of Howdah's; a
 * connection of the handler's own that it is inside of is closed by that.
 *
 * @param limit
 *          10 ms to 1 day; null: none
 * @param abandonAfter
 *          how much longer a handler that ignores this keeps its place among the
 *          concurrent calls, 10 ms to 1 day; then a new thread takes the place,
 *          so that such handlers never stop a worker. Default: the limit once
 *          more
 */
public record TimeLimit(@Nullable Duration limit, Duration abandonAfter) {

  private static final Duration SHORTEST = Duration.ofMillis(10);
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final TimeLimit NONE = new TimeLimit(null, LONGEST);

  public TimeLimit {
    if (limit != null) {
      Limits.between("limit", limit, SHORTEST, LONGEST);
    }
    Limits.between("abandonAfter", abandonAfter, SHORTEST, LONGEST);
  }

  /** A handler may take as long as it likes; its leases are renewed. */
  public static TimeLimit none() {
    return NONE;
  }

  public static TimeLimit of(Duration limit) {
    return new TimeLimit(limit, limit);
  }

  public TimeLimit withAbandonAfter(Duration newAbandonAfter) {
    return new TimeLimit(limit, newAbandonAfter);
  }
}
