package io.howdah;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a worker makes of exceptions of its handler. Without any of these a
 * failure waits as the queue's {@link RetryPolicy} says. That policy's limit of
 * attempts holds in any case.
 *
 * @param backoffs
 *          back-off functions by class of exception; the class nearest to that of
 *          the exception, going up through its super-classes, is asked
 * @param undecodable
 *          what becomes of a message whose payload the codec cannot read; default
 *          {@link Undecodable#DEAD_LETTER}
 */
public record FailureOptions(Map<Class<? extends Throwable>, BackoffFunction> backoffs, Undecodable undecodable) {

  /** What becomes of a message whose payload cannot be read. */
  public enum Undecodable {
    /** A dead letter at once, with reason {@code undecodable}: it will not become readable by waiting. */
    DEAD_LETTER,
    /** A failure like any other: for a fleet in which only some consumers are new enough to read it. */
    RETRY
  }

  private static final FailureOptions DEFAULTS = new FailureOptions(Map.of(), Undecodable.DEAD_LETTER);

  public FailureOptions {
    backoffs = Map.copyOf(backoffs);
    Objects.requireNonNull(undecodable, "undecodable");
  }

  public static FailureOptions defaults() {
    return DEFAULTS;
  }

  /** With a function for all exceptions that have no other one. */
  public FailureOptions withBackoff(BackoffFunction function) {
    return withBackoff(Throwable.class, function);
  }

  /** With a function for exceptions of this class and its sub-classes. */
  public FailureOptions withBackoff(Class<? extends Throwable> type, BackoffFunction function) {
    Map<Class<? extends Throwable>, BackoffFunction> more = new HashMap<>(backoffs);
    more.put(type, function);
    return new FailureOptions(more, undecodable);
  }

  public FailureOptions withUndecodable(Undecodable newUndecodable) {
    return new FailureOptions(backoffs, newUndecodable);
  }

  /** The function for this exception, or null for none. */
  public @Nullable BackoffFunction backoff(Throwable failure) {
    for (Class<?> type = failure.getClass(); type != null; type = type.getSuperclass()) {
      BackoffFunction function = backoffs.get(type);
      if (function != null) {
        return function;
      }
    }
    return null;
  }
}
