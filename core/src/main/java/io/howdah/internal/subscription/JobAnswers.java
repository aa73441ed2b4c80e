package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.FailureOptions;
import io.howdah.Outcome;
import io.howdah.Outcome.Retry;
import io.howdah.Outcomes;
import io.howdah.internal.failure.ErrorText;
import io.howdah.internal.job.JobHeaders;
import io.howdah.internal.wakeup.Signal;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of a job: by its performer's answer, its back-off and its limits. */
public final class JobAnswers<T> {

  static final Outcome USED_UP = Outcome.reject("attempts used up");

  private static final Logger LOG = LoggerFactory.getLogger(JobAnswers.class);
  private static final Duration LEASE = Duration.ofMinutes(1);

  private final Treatment.Jobs<T> jobs;
  private final Counters counters;

  JobAnswers(Treatment.Jobs<T> jobs, Counters counters) {
    this.jobs = jobs;
    this.counters = counters;
  }

  /**
   * Performs the next job on this thread and settles it; empty if none is ready. An
   * {@link Error} is the caller's, and the job goes back.
   */
  public static <T> Optional<Outcome> next(Inlet<T> inlet, Treatment.Jobs<T> jobs, String owner) {
    Claimed<T> claimed = inlet.claim(1, LEASE, owner);
    String token = claimed.token();
    if (token == null) {
      return Optional.empty();
    }
    boolean settled = false;
    try {
      Delivery<T> job = claimed.deliveries().getFirst();
      Duration timeout = JobHeaders.options(job.headers()).timeout();
      if (timeout.compareTo(LEASE) > 0) {
        inlet.renew(token, timeout);
      }
      Outcome outcome = new JobAnswers<>(jobs, new Counters()).alone(job);
      inlet.settle(token, claimed.deliveries(), Outcomes.all(outcome));
      settled = true;
      inlet.freed();
      return Optional.of(outcome);
    } finally {
      if (!settled) {
        inlet.release(token);
      }
    }
  }

  private Outcome alone(Delivery<T> job) {
    if (isUsedUp(job)) {
      return USED_UP;
    }
    try {
      return outcome(job, perform(job));
    } catch (Exception e) {
      return outcome(job, new Failures(FailureOptions.defaults(), counters, new Signal()).of(job, e));
    }
  }

  /** Whether it may not be tried any more: it came with others when their consumer died. */
  static boolean isUsedUp(Delivery<?> job) {
    return job.attempt() > JobHeaders.options(job.headers()).maxAttempts();
  }

  /** What the performer answers. */
  Outcome perform(Delivery<T> job) throws Exception {
    Outcome outcome = jobs.handler().handle(job);
    if (outcome == null) {
      throw Failures.noAnswer();
    }
    return outcome;
  }

  /** A done job is kept; a failed one waits as the performer says. */
  Outcome outcome(Delivery<T> job, Outcome outcome) {
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
      LOG.warn("the back-off of a job failed; the default decides", ErrorText.readable(e));
    }
    counters.badBackoffs.increment();
    return null;
  }
}
