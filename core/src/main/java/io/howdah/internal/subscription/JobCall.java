package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.JobOptions;
import io.howdah.Outcome;
import io.howdah.TimeLimit;
import io.howdah.internal.job.JobHeaders;

/**
 * Calls the handler job by job. Nothing is claimed ahead, because a job that is
 * claimed keeps its queue from running elsewhere; each answer is sent at once,
 * because it frees the queue. A job whose time is over keeps its queue until its
 * handler has come back or was given up.
 */
final class JobCall<T> implements Call<T> {

  private final JobAnswers<T> answers;
  private final Means means;

  JobCall(Treatment.Jobs<T> jobs, Means means, Counters counters) {
    this.answers = new JobAnswers<>(jobs, counters);
    this.means = means;
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
      if (JobAnswers.isUsedUp(job)) {
        answer(slice, index, JobAnswers.USED_UP);
        continue;
      }
      hand.begin(TimeLimit.of(options.timeout()),
          () -> answer(slice, index, answers.outcome(job, means.failures().timeout())));
      Outcome outcome = handle(job);
      boolean inTime = hand.end();
      slice.spent(System.nanoTime() - begun);
      if (inTime) {
        answer(slice, index, answers.outcome(job, outcome));
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
      return answers.perform(job);
    } catch (Throwable e) {
      return means.failures().of(job, e);
    }
  }
}
