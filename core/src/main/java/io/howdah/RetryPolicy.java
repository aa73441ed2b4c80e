package io.howdah;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a message that fails: how long it waits before it comes back,
 * how often it is tried, and what happens after the last attempt. It lies in
 * the database, with the queue or subscription, and holds for all its
 * consumers. A handler that names a delay ({@link Outcome#retryIn}) or rejects
 * decides for itself.
 *
 * @param backoff
 *          how long a message waits; default {@link Backoff.Exponential} from 1 s
 *          to 1 h
 * @param jitter
 *          how much a wait may differ, as a part of it, 0 to 1; 0.1 is ±10 %,
 *          the default of an exponential back-off; that of others is 0
 * @param maxAttempts
 *          deliveries that may fail, or whose consumer may die, 1 to 30,000;
 *          default 20; null: no limit
 * @param afterLast
 *          what happens then; default {@link AfterLast#DEAD_LETTER}
 */
public record RetryPolicy(Backoff backoff, double jitter, @Nullable Integer maxAttempts, AfterLast afterLast) {

  /** How long a message waits after a failure. */
  public sealed interface Backoff {

    /** Not at all: it comes back at once. */
    record None() implements Backoff {
    }

    /** Always the same time, up to 10 years. */
    record Fixed(Duration delay) implements Backoff {
      public Fixed {
        Limits.delay(delay);
      }
    }

    /**
     * One time after the other, each up to 10 years; the last one for all that
     * follow. 1 to 1,000 of them.
     */
    record Steps(List<Duration> delays) implements Backoff {
      public Steps {
        delays = List.copyOf(delays);
        Limits.between("delays", delays.size(), 1, 1_000);
        delays.forEach(Limits::delay);
      }
    }

    /** {@code base}, then twice as long each time, at most {@code cap}; both from 1 ms to 10 years. */
    record Exponential(Duration base, Duration cap) implements Backoff {
      public Exponential {
        Limits.delay(base);
        Limits.delay(cap);
        if (base.compareTo(Duration.ofMillis(1)) < 0) {
          throw Limits.invalid("base must be at least 1 ms but was " + base);
        }
        if (base.compareTo(cap) > 0) {
          throw Limits.invalid("base " + base + " is longer than cap " + cap);
        }
      }
    }
  }

  /** What happens to a message whose last attempt has failed. */
  public enum AfterLast {
    /** It is kept as a dead letter. */
    DEAD_LETTER,
    /** It is gone, and counted: {@link SubscriptionStats#discarded()}. */
    DISCARD,
    /**
     * It stays, and blocks its key until somebody decides: {@link BlockedKeys}. Only where an {@link Ordering} blocks.
     */
    BLOCK
  }

  private static final RetryPolicy DEFAULTS = exponential(Duration.ofSeconds(1), Duration.ofHours(1));
  private static final int DEFAULT_ATTEMPTS = 20;
  private static final int MOST_ATTEMPTS = 30_000;

  public RetryPolicy {
    Objects.requireNonNull(backoff, "backoff");
    Objects.requireNonNull(afterLast, "afterLast");
    if (!(jitter >= 0 && jitter <= 1)) {
      throw Limits.invalid("jitter must be between 0 and 1 but was " + jitter);
    }
    if (jitter > 0 && backoff instanceof Backoff.None) {
      throw Limits.invalid("jitter does not fit a back-off that does not wait");
    }
    if (maxAttempts != null) {
      Limits.between("maxAttempts", maxAttempts, 1, MOST_ATTEMPTS);
    } else if (afterLast != AfterLast.DEAD_LETTER) {
      throw Limits.invalid("a message without a limit of attempts is never "
          + (afterLast == AfterLast.BLOCK ? "left blocked" : "discarded"));
    }
  }

  /** 1 s, doubled each time, at most 1 h, ±10 %; 20 attempts, then a dead letter. */
  public static RetryPolicy defaults() {
    return DEFAULTS;
  }

  /** What fails comes back at once. */
  public static RetryPolicy none() {
    return new RetryPolicy(new Backoff.None(), 0, DEFAULT_ATTEMPTS, AfterLast.DEAD_LETTER);
  }

  /** What fails comes back after this time. */
  public static RetryPolicy fixed(Duration delay) {
    return new RetryPolicy(new Backoff.Fixed(delay), 0, DEFAULT_ATTEMPTS, AfterLast.DEAD_LETTER);
  }

  /**
   * What fails comes back after these times, one after the other; the last one
   * counts for all that follow, up to 20 attempts unless {@link #withMaxAttempts}
   * says something else.
   */
  public static RetryPolicy delays(Duration... delays) {
    return new RetryPolicy(new Backoff.Steps(List.of(delays)), 0, DEFAULT_ATTEMPTS, AfterLast.DEAD_LETTER);
  }

  /** What fails comes back after {@code base}, then twice as long each time, at most {@code cap}, ±10 %. */
  public static RetryPolicy exponential(Duration base, Duration cap) {
    return new RetryPolicy(new Backoff.Exponential(base, cap), 0.1, DEFAULT_ATTEMPTS, AfterLast.DEAD_LETTER);
  }

  public RetryPolicy withJitter(double newJitter) {
    return new RetryPolicy(backoff, newJitter, maxAttempts, afterLast);
  }

  public RetryPolicy withMaxAttempts(int newMaxAttempts) {
    return new RetryPolicy(backoff, jitter, newMaxAttempts, afterLast);
  }

  /** The same for as long as it takes. */
  public RetryPolicy withoutLimit() {
    return new RetryPolicy(backoff, jitter, null, afterLast);
  }

  public RetryPolicy withAfterLast(AfterLast newAfterLast) {
    return new RetryPolicy(backoff, jitter, maxAttempts, newAfterLast);
  }
}
