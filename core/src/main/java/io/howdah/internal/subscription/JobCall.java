package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.JobOptions;
import io.howdah.Outcome;
import io.howdah.Outcome.Retry;
import io.howdah.TimeLimit;
import io.howdah.internal.job.JobHeaders;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the handler job by job. Nothing is claimed ahead, because a job that is
 * claimed keeps its queue from running elsewhere; each answer is sent at once,
 * because it frees the queue. A job whose time is over keeps its queue until its
 * handler has come back or was given up.
 */
final class JobCall<T> implements Call<T> {

  private static final Logger LOG = LoggerFactory.getLogger(JobCall.class);

  private final Treatment.Jobs<T> jobs;
  private final Means means;
  private final Counters counters;

  JobCall(Treatment.Jobs<T> jobs, Means means, Counters counters) {
    this.jobs = jobs;
    this.means = means;
    this.counters = counters;
  }

  @Override
  public Feed feed() {
    return Feed.BY_TIME;
  }

  @Override
  public int room(int unanswered) {
    return means.options().concurrency() - unanswered;
  }

  @Override
  public void on(Slice<T> slice, Hand hand) {
    for (int i = slice.turns().start(); i >= 0; i = hand.isReplaced() ? -1 : slice.turns().start()) {
      int index = i;
      long begun = System.nanoTime();
      Delivery<T> job = slice.deliveries().get(index);
      JobOptions options = JobHeaders.options(job.headers());
      if (job.attempt() > options.maxAttempts()) { // it came with others when their consumer died
        answer(slice, index, Outcome.reject("attempts used up"));
        continue;
      }
      hand.begin(TimeLimit.of(options.timeout()), () -> answer(slice, index, outcome(job, means.failures().timeout())));
      Outcome outcome = handle(job);
      boolean inTime = hand.end();
      slice.spent(System.nanoTime() - begun);
      if (inTime) {
        answer(slice, index, outcome(job, outcome));
      }
    }
  }

  private void answer(Slice<T> slice, int index, Outcome outcome) {
    slice.answer(index, outcome);
    slice.hurry();
    means.signal().raise();
  }

  private Outcome handle(Delivery<T> job) {
    try {
      Outcome outcome = jobs.handler().handle(job);
      return outcome == null ? means.failures().of(job, Failures.noAnswer()) : outcome;
    } catch (Throwable e) {
      return means.failures().of(job, e);
    }
  }

  /** A done job is kept; a failed one waits as the handler says. */
  private Outcome outcome(Delivery<T> job, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done done -> Outcome.archive();
      case Retry retry -> {
        Duration delay = retry.delay() == null ? backoff(job) : retry.delay();
        Duration most = JobHeaders.options(job.headers()).maxBackoff();
        yield new Retry(delay == null || delay.compareTo(most) <= 0 ? delay : most, retry.reason(), retry.error());
      }
      case Outcome.Release release -> release;
      case Outcome.Reject reject -> reject;
      case Outcome.Archived archived -> archived;
    };
  }

  private @Nullable Duration backoff(Delivery<T> job) {
    try {
      Duration delay = jobs.backoff().apply(job);
      if (delay == null || !delay.isNegative()) {
        return delay;
      }
      LOG.warn("the back-off of a job was negative; the default decides");
    } catch (Throwable e) {
      LOG.warn("the back-off of a job failed; the default decides", e);
    }
    counters.badBackoffs.increment();
    return null;
  }
}
