package io.howdah;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a job runs. Whether the values can be is said by the database when the
 * job is created, with one error that names everything that is wrong.
 *
 * @param timeout
 *          how long it may run, 10 ms to 1 day; default 60 s. Then it fails, see
 *          {@link TimeLimit}
 * @param maxBackoff
 *          the longest wait after a failure, 0 to 10 years; default 24 h
 * @param maxAttempts
 *          how often it is tried before it is a dead letter, 1 to 30,000;
 *          default 20
 * @param scheduledAt
 *          when it is due, by the database's clock, at most 10 years ahead; a
 *          time that is past means now, and before the others of its queue that
 *          have not been tried; null: now
 */
public record JobOptions(Duration timeout, Duration maxBackoff, int maxAttempts, @Nullable Instant scheduledAt) {

  private static final JobOptions DEFAULTS = new JobOptions(Duration.ofSeconds(60), Duration.ofHours(24), 20, null);

  public JobOptions {
    Objects.requireNonNull(timeout, "timeout");
    Objects.requireNonNull(maxBackoff, "maxBackoff");
  }

  public static JobOptions defaults() {
    return DEFAULTS;
  }

  public JobOptions withTimeout(Duration newTimeout) {
    return new JobOptions(newTimeout, maxBackoff, maxAttempts, scheduledAt);
  }

  public JobOptions withMaxBackoff(Duration newMaxBackoff) {
    return new JobOptions(timeout, newMaxBackoff, maxAttempts, scheduledAt);
  }

  public JobOptions withMaxAttempts(int newMaxAttempts) {
    return new JobOptions(timeout, maxBackoff, newMaxAttempts, scheduledAt);
  }

  public JobOptions withScheduledAt(@Nullable Instant newScheduledAt) {
    return new JobOptions(timeout, maxBackoff, maxAttempts, newScheduledAt);
  }
}
