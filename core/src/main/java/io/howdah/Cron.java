package io.howdah;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Objects;

/**
 * When something recurs. The database reads the expression and knows the zone;
 * what it does not understand is {@link ErrorCode#INVALID} there.
 *
 * @param expression
 *          five fields: minute, hour, day of month, month, day of week; or
 *          {@code @hourly}, {@code @daily}, {@code @weekly}, {@code @monthly},
 *          {@code @yearly}
 * @param zone
 *          in whose time; default UTC
 * @param missed
 *          what becomes of times at which nobody was there; default
 *          {@link Missed#ONCE}
 */
public record Cron(String expression, ZoneId zone, Missed missed) {

  /** What becomes of times at which nobody was there to publish. */
  public enum Missed {
    /** Nothing, if they are more than a minute past. */
    SKIP,
    /** One message for all of them. */
    ONCE,
    /** One message for each. */
    ALL;

    /** As in SQL. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Cron {
    Objects.requireNonNull(expression, "expression");
    Objects.requireNonNull(zone, "zone");
    Objects.requireNonNull(missed, "missed");
  }

  public static Cron of(String expression) {
    return new Cron(expression, ZoneOffset.UTC, Missed.ONCE);
  }

  public Cron withZone(ZoneId newZone) {
    return new Cron(expression, newZone, missed);
  }

  public Cron withMissed(Missed newMissed) {
    return new Cron(expression, zone, newMissed);
  }
}
