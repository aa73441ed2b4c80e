package io.howdah;

/**
 * What a worker has done since it started. Counted when the database has
 * confirmed it.
 *
 * @param done
 *          messages settled as done
 * @param retried
 *          messages sent back for a retry, after an answer or an exception
 * @param released
 *          messages handed back
 * @param rejected
 *          messages made dead letters
 * @param lapsed
 *          messages whose lease had run out before they could be settled
 * @param failures
 *          handler calls that ended with an exception
 * @param outages
 *          times that the database could not be used; failures that are less
 *          than 10 s apart are one
 * @param badBackoffs
 *          calls of a {@link BackoffFunction} that threw or answered what is no
 *          wait, so that the queue's policy decided
 * @param timeouts
 *          handler calls that were still running at their {@link TimeLimit}
 * @param stuck
 *          handler calls that were told to end at their {@link TimeLimit} and
 *          have not done so yet: now, not since the start
 * @param archived
 *          messages settled as done and kept in the archive
 */
public record WorkerStats(long done, long retried, long released, long rejected, long lapsed, long failures,
    long outages, long badBackoffs, long timeouts, long stuck, long archived) {
}
