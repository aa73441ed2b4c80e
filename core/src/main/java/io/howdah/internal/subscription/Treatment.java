package io.howdah.internal.subscription;

import io.howdah.BatchHandler;
import io.howdah.Batching;
import io.howdah.Handler;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Reading;
import io.howdah.TransactionalBatchHandler;
import io.howdah.TransactionalHandler;
import io.howdah.WorkerOptions;
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

  /** The options with what this treatment needs. */
  default WorkerOptions fitting(WorkerOptions options) {
    return this instanceof EachInTransaction ? options.withFetch(Math.min(options.fetch(), MOST_ONE_BY_ONE)) : options;
  }
}
