package io.howdah;

import java.time.Duration;

/**
 * How many messages a {@link Pipeline} claims, in this process: never more than
 * {@code messages} within any stretch of time as long as {@code interval}.
 *
 * @param messages
 *          at least 1
 * @param interval
 *          1 ms to 1 day
 */
public record PipelineRate(int messages, Duration interval) {

  public PipelineRate {
    Limits.between("messages", messages, 1, Integer.MAX_VALUE);
    Limits.between("interval", interval, Duration.ofMillis(1), Duration.ofDays(1));
  }
}
