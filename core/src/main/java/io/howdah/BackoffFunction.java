package io.howdah;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says how long a message waits whose handler has thrown. Called by several
 * threads at a time, quickly: it decides, it does not work.
 */
@FunctionalInterface
public interface BackoffFunction {

  /**
   * The wait, 0 to 10 years. If it throws, or answers null or anything else, the
   * wait is that of the queue's {@link RetryPolicy}, and
   * {@link WorkerStats#badBackoffs()} counts it.
   *
   * @param attempt
   *          the delivery that has failed, 1 for the first
   * @param failure
   *          what the handler has thrown
   */
  @Nullable
  Duration delay(int attempt, Throwable failure);
}
