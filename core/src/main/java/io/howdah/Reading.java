package io.howdah;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * When a {@link Pipeline} that has found nothing looks again.
 *
 * @param mode
 *          what it goes by
 * @param interval
 *          the longest time between two looks, 1 ms to 1 day
 * @param longPoll
 *          how a single look waits for messages; null: not at all
 */
public record Reading(Mode mode, Duration interval, @Nullable LongPoll longPoll) {

  /** What a pipeline goes by. */
  public enum Mode {
    /** It looks after each interval, and hears no bell. */
    POLL,
    /** It waits for the bell. While none can be heard it polls. */
    NOTIFY,
    /** It waits for the bell, and looks by itself after each interval. */
    HYBRID
  }

  /**
   * A look that finds nothing is repeated for a while before the pipeline waits.
   *
   * @param timeout
   *          for how long, 1 ms to 1 h
   * @param every
   *          after which pause, 1 ms to 1 h
   */
  public record LongPoll(Duration timeout, Duration every) {
    public LongPoll {
      Limits.between("timeout", timeout, SHORTEST, Duration.ofHours(1));
      Limits.between("every", every, SHORTEST, Duration.ofHours(1));
    }
  }

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(1);

  public Reading {
    Objects.requireNonNull(mode, "mode");
    Limits.between("interval", interval, SHORTEST, LONGEST);
  }

  /**
   * By the bell, and every 5 s, or as {@link Knob#POLL_INTERVAL} says: the longest delay after a bell that was not heard.
   */
  public static Reading defaults() {
    return hybrid(Knob.POLL_INTERVAL.duration());
  }

  public static Reading hybrid(Duration interval) {
    return new Reading(Mode.HYBRID, interval, null);
  }

  public static Reading poll(Duration interval) {
    return new Reading(Mode.POLL, interval, null);
  }

  /** By the bell alone, and when something falls due. */
  public static Reading onNotification() {
    return new Reading(Mode.NOTIFY, LONGEST, null);
  }

  public Reading withLongPoll(Duration timeout, Duration every) {
    return new Reading(mode, interval, new LongPoll(timeout, every));
  }
}
