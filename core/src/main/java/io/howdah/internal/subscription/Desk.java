package io.howdah.internal.subscription;

/** What a worker has for its calls of the handler. */
record Desk<T>(Inlet<T> inlet, Means means, Counters counters) {

  /** The call that the treatment asks for. */
  Call<T> call(Treatment<T> treatment) {
    Failures failures = means.failures();
    return switch (treatment) {
      case Treatment.Each<T>(var handler) -> new EachCall<>(handler, failures);
      case Treatment.Batches<T>(var handler) -> new BatchCall<>(handler, failures);
      case Treatment.EachInTransaction<T> each ->
        new TransactionCall<>(each.batchOfOne(), false, inlet, failures, counters);
      case Treatment.BatchesInTransaction<T>(var handler) ->
        new TransactionCall<>(handler, true, inlet, failures, counters);
      case Treatment.Collected<T>(var handler, var batching) -> new CollectCall<>(handler, batching, means);
      case Treatment.Jobs<T> jobs -> new JobCall<>(jobs, means, counters);
      case Treatment.Staged<T> staged -> staged.stages().apply(means);
    };
  }
}
