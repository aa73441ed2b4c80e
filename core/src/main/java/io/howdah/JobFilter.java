package io.howdah;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs of a scope are meant: all that is not null has to hold.
 *
 * @param available
 *          whether the job is {@link JobState#AVAILABLE}
 * @param text
 *          is looked for in queue, action and params, whatever the case
 */
public record JobFilter(@Nullable UUID id, @Nullable String queue, @Nullable String action, @Nullable JobState state,
    @Nullable Boolean available, @Nullable String text) {

  private static final JobFilter ALL = new JobFilter(null, null, null, null, null, null);

  /** All jobs of the scope. */
  public static JobFilter all() {
    return ALL;
  }

  public static JobFilter id(UUID id) {
    return new JobFilter(id, null, null, null, null, null);
  }

  public JobFilter withQueue(@Nullable String newQueue) {
    return new JobFilter(id, newQueue, action, state, available, text);
  }

  public JobFilter withAction(@Nullable String newAction) {
    return new JobFilter(id, queue, newAction, state, available, text);
  }

  public JobFilter withState(@Nullable JobState newState) {
    return new JobFilter(id, queue, action, newState, available, text);
  }

  public JobFilter withAvailable(@Nullable Boolean newAvailable) {
    return new JobFilter(id, queue, action, state, newAvailable, text);
  }

  public JobFilter withText(@Nullable String newText) {
    return new JobFilter(id, queue, action, state, available, newText);
  }
}
