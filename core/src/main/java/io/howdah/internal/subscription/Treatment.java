package io.howdah.internal.subscription;

import io.howdah.BatchHandler;
import io.howdah.Batching;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Handler;
import io.howdah.HowdahException;
import io.howdah.Ordering;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Reading;
import io.howdah.TransactionalBatchHandler;
import io.howdah.TransactionalHandler;
import io.howdah.WorkerOptions;
import io.howdah.internal.job.JobHeaders;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How a worker treats messages: which handler it calls, and with how many. */
public sealed interface Treatment<T> {

  /** One call for each message. */
  record Each<T>(Handler<T> handler) implements Treatment<T> {
  }

  /** One call for each claim. */
  record Batches<T>(BatchHandler<T> handler) implements Treatment<T> {
  }

  /** One transaction for each message. */
  record EachInTransaction<T>(TransactionalHandler<T> handler) implements Treatment<T> {
    TransactionalBatchHandler<T> batchOfOne() {
      return (batch, transaction) -> {
        Outcome outcome = handler.handle(batch.getFirst(), transaction);
        if (outcome == null) {
          throw Failures.noAnswer();
        }
        return Outcomes.all(outcome);
      };
    }
  }

  /** One transaction for each claim. */
  record BatchesInTransaction<T>(TransactionalBatchHandler<T> handler) implements Treatment<T> {
  }

  /** One call for each part of what is collected. */
  record Collected<T>(BatchHandler<T> handler, Batching<T> batching) implements Treatment<T> {
  }

  /**
   * Stages of their own.
   *
   * @param reading
   *          when the worker looks for messages
   * @param settledOnClaim
   *          whether messages are done when they are claimed
   * @param stages
   *          makes them
   */
  record Staged<T>(Reading reading, boolean settledOnClaim, Function<Means, Call<T>> stages) implements Treatment<T> {
  }

  /**
   * One call for each job.
   *
   * @param backoff
   *          how long a job that has failed waits; null: as the database says
   */
  record Jobs<T>(Handler<T> handler, Function<Delivery<T>, @Nullable Duration> backoff) implements Treatment<T> {
  }

  /** Whether messages are done when they are claimed. */
  default boolean settlesOnClaim() {
    return this instanceof Staged<T> staged && staged.settledOnClaim();
  }

  /** When the worker looks for messages; null: as the options of the process say. */
  default @Nullable Reading reading() {
    return this instanceof Staged<T> staged ? staged.reading() : null;
  }

  /** Most messages of a claim whose messages are settled one by one: each settling reads what is left of the claim. */
  int MOST_ONE_BY_ONE = 32;

  /**
   * The options with what this treatment and the order need: one call at a time of a strict subscription, and where an
   * order is kept, one batch at a time that is collected over claims. Jobs have limits of their own, up to the longest.
   */
  default WorkerOptions fitting(WorkerOptions options, Ordering ordering, String subscription) {
    int given = options.concurrency();
    boolean strict = ordering.order() == Ordering.Order.STRICT;
    if (strict && given != 1 && given != WorkerOptions.defaults().concurrency()) {
      throw new HowdahException(ErrorCode.INVALID,
          "the messages of " + subscription + " are handled one at a time, but " + "concurrency is " + given
              + "; leave it out, make it 1, or create the queue with an order by key");
    }
    if (settlesOnClaim() && ordering.isOrdered()) {
      throw new HowdahException(ErrorCode.INVALID, "the messages of " + subscription
          + " are handled in an order, which reading at most once does not keep; leave withAtMostOnce out");
    }
    WorkerOptions one = strict || this instanceof Collected && ordering.isOrdered()
        ? options.withConcurrency(1)
        : options;
    return switch (this) {
      case EachInTransaction<T> each -> one.withFetch(Math.min(one.fetch(), MOST_ONE_BY_ONE));
      case Jobs<T> jobs -> one.withTimeLimit(JobHeaders.LONGEST);
      default -> one;
    };
  }
}
