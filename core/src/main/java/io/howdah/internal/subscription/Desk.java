package io.howdah.internal.subscription;

import io.howdah.WorkerOptions;
import io.howdah.internal.wakeup.Signal;

/** What a worker has for its calls of the handler. */
record Desk<T>(Inlet<T> inlet, WorkerOptions options, Failures failures, Counters counters, TimeKeeper keeper,
    Signal signal) {

  /** The call that the treatment asks for. */
  Call<T> call(Treatment<T> treatment) {
    return switch (treatment) {
      case Treatment.Each<T>(var handler) -> new EachCall<>(handler, failures);
      case Treatment.Batches<T>(var handler) -> new BatchCall<>(handler, failures);
      case Treatment.EachInTransaction<T> each ->
        new TransactionCall<>(each.batchOfOne(), false, inlet, failures, counters);
      case Treatment.BatchesInTransaction<T>(var handler) ->
        new TransactionCall<>(handler, true, inlet, failures, counters);
      case Treatment.Collected<T>(var handler, var batching) -> new CollectCall<>(new Batcher<>(inlet.subscription(),
          batching, options.concurrency(), handler, failures, keeper, signal::raise));
    };
  }
}
