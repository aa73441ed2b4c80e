package io.howdah;

import io.howdah.internal.failure.ErrorText;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A handler's answer: what becomes of a delivery. Made for
 * {@code import static io.howdah.Outcome.*}.
 */
public sealed interface Outcome {

  /** The message is handled. */
  static Outcome done() {
    return Done.DONE;
  }

  /**
   * The message comes back after the wait that the {@link RetryPolicy} of the
   * queue or subscription says.
   */
  static Outcome retry(String reason) {
    return new Retry(null, reason, null);
  }

  /** The message comes back after a delay, which may be zero. */
  static Outcome retryIn(Duration delay, String reason) {
    return new Retry(Objects.requireNonNull(delay, "delay"), reason, null);
  }

  /**
   * What a worker makes of a handler that throws: {@link #retry}, with class,
   * message and stack trace of the exception and its causes as the error, at most
   * 4,000 characters.
   */
  static Outcome failed(Throwable cause) {
    return new Retry(null, "the handler failed", ErrorText.trace(cause));
  }

  /**
   * The message goes back at once, and this delivery does not count as an
   * attempt.
   */
  static Outcome release() {
    return Release.RELEASE;
  }

  /** The message is handled, and kept in the {@link Archive} of its queue or subscription. */
  static Outcome archive() {
    return Archived.ARCHIVED;
  }

  /** The message becomes a dead letter. */
  static Outcome reject(String reason) {
    return new Reject(reason, null);
  }

  /** See {@link Outcome#done()}. */
  enum Done implements Outcome {
    DONE
  }

  /** See {@link Outcome#archive()}. */
  enum Archived implements Outcome {
    ARCHIVED
  }

  /** See {@link Outcome#release()}. */
  enum Release implements Outcome {
    RELEASE
  }

  /**
   * See {@link Outcome#retry} and {@link Outcome#retryIn}.
   *
   * @param delay
   *          null: as the {@link RetryPolicy} says
   * @param reason
   *          kept with the message, for people; at most 1,000 characters are
   * @param error
   *          what went wrong technically, or null; at most 4,000 characters are
   *          kept
   */
  record Retry(@Nullable Duration delay, String reason, @Nullable String error) implements Outcome {
    public Retry {
      if (delay != null) {
        Limits.delay(delay);
      }
      reason = bounded(reason, MAX_REASON);
      error = error == null ? null : bounded(error, MAX_ERROR);
    }
  }

  /**
   * See {@link Outcome#reject}.
   *
   * @param reason
   *          kept with the dead letter; at most 1,000 characters are
   * @param error
   *          what went wrong technically, or null; at most 4,000 characters are
   *          kept
   */
  record Reject(String reason, @Nullable String error) implements Outcome {
    public Reject {
      reason = bounded(reason, MAX_REASON);
      error = error == null ? null : bounded(error, MAX_ERROR);
    }
  }

  /** Characters of a reason that are kept. */
  int MAX_REASON = 1_000;
  /** Characters of an error that are kept. */
  int MAX_ERROR = 4_000;

  private static String bounded(String text, int most) {
    String clean = text.replace('\0', ' ');
    return clean.length() <= most ? clean : clean.substring(0, most - 1) + "…";
  }
}
