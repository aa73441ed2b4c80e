package io.howdah.internal.subscription;

import io.howdah.BatchHandler;
import io.howdah.Batching;
import io.howdah.Handler;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.TransactionalBatchHandler;
import io.howdah.TransactionalHandler;
import io.howdah.WorkerOptions;

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

  /** Most messages of a claim whose messages are settled one by one: each settling reads what is left of the claim. */
  int MOST_ONE_BY_ONE = 32;

  /** The options with what this treatment needs. */
  default WorkerOptions fitting(WorkerOptions options) {
    return this instanceof EachInTransaction ? options.withFetch(Math.min(options.fetch(), MOST_ONE_BY_ONE)) : options;
  }
}
