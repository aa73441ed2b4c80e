package io.howdah;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job as it is listed.
 *
 * @param params
 *          as JSON text
 * @param options
 *          with which it was created; {@code scheduledAt} is never null here: it
 *          is the time by which the job stands in its queue
 */
public record JobRecord(UUID id, String queue, String action, Json params, JobState state, JobOptions options,
    Progress progress) {

  /**
   * How it went so far.
   *
   * @param attempts
   *          that have ended
   * @param attemptedAt
   *          when the last attempt ended, or the running one began; null before
   *          the first
   * @param attemptedBy
   *          the {@link WorkerOptions#owner()} of that attempt
   * @param error
   *          of the last attempt that failed; null if it is done
   * @param nextAttempt
   *          of a scheduled or retrying job
   */
  public record Progress(Instant createdAt, int attempts, @Nullable Instant attemptedAt, @Nullable String attemptedBy,
      @Nullable String error, @Nullable Instant nextAttempt, @Nullable Instant doneAt) {
  }

  public boolean isAvailable() {
    return state == JobState.AVAILABLE;
  }
}
