package io.howdah;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Performs jobs. Called by several threads at a time, for one job of each queue at a time in the whole fleet. */
@FunctionalInterface
public interface JobPerformer<T> {

  /**
   * Performs a job; {@link Outcome#done()} keeps it in the list of done jobs. An
   * exception, and {@link Outcome#retry}, mean that this attempt has failed: the
   * job is tried again later, and its queue waits for it, until its attempts are
   * used up. {@link Outcome#reject} makes it a dead letter at once, and the queue
   * goes on.
   */
  Outcome perform(Job<T> job) throws Exception;

  /**
   * How long the job waits after this attempt has failed or was timed out, at
   * most its {@link JobOptions#maxBackoff()}. Null, which is the default: (2 to
   * the power of failures before this one, + 1) s, ±10 %. That counts as well if
   * it throws or answers a negative time, and {@link WorkerStats#badBackoffs()}
   * counts it.
   */
  default @Nullable Duration backoff(Job<T> job) {
    return null;
  }
}
