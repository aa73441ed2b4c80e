package io.howdah;

import java.util.UUID;

/**
 * Where jobs are created: {@link Jobs}, or the same in the caller's
 * transaction. Errors: {@link ErrorCode#INVALID} with everything that is wrong
 * with the job, {@link ErrorCode#CONFLICT} if the scope is the name of a queue of
 * messages, {@link ErrorCode#UNAVAILABLE} with "outcome unknown" if the connection
 * was lost on the way.
 */
public sealed interface JobSink<T> permits Jobs, TransactionJobs {

  /** {@link #createJob(String, String, Object, JobOptions)} with {@link JobOptions#defaults()}. */
  default UUID createJob(String queue, String action, T params) {
    return createJob(queue, action, params, JobOptions.defaults());
  }

  /**
   * Creates a job, which starts as soon as its queue and a performer are free;
   * returns its id.
   *
   * @param queue
   *          free text of up to 255 bytes without control characters; the queue
   *          comes to exist by its first job
   * @param action
   *          what is to be done; free text of the same kind
   */
  UUID createJob(String queue, String action, T params, JobOptions options);
}
