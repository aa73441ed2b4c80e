package io.howdah;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where messages come from: a {@link Queue} or a {@link Subscription}.
 * Consumers of one source compete.
 */
public sealed interface MessageSource<T> permits Queue, Subscription {

  /**
   * Starts a worker that calls the handler for each message; it runs until it is
   * closed.
   */
  Worker consume(Handler<T> handler, WorkerOptions options);

  /**
   * {@link #consume(Handler, WorkerOptions)} with
   * {@link WorkerOptions#defaults()}.
   */
  default Worker consume(Handler<T> handler) {
    return consume(handler, WorkerOptions.defaults());
  }

  /**
   * Starts a worker that calls the handler for up to
   * {@link WorkerOptions#fetch()} messages at once.
   */
  Worker consumeBatches(BatchHandler<T> handler, WorkerOptions options);

  /**
   * {@link #consumeBatches(BatchHandler, WorkerOptions)} with
   * {@link WorkerOptions#defaults()}.
   */
  default Worker consumeBatches(BatchHandler<T> handler) {
    return consumeBatches(handler, WorkerOptions.defaults());
  }

  /**
   * Starts a worker that collects messages, over several claims, until a batch is
   * full or its time is up, and calls the handler for each batch, or for each part
   * of it; {@link WorkerOptions#concurrency()} batches at a time.
   */
  Worker consumeBatches(BatchHandler<T> handler, Batching<T> batching, WorkerOptions options);

  /**
   * Starts a worker that calls the handler for each message, with a connection in
   * whose transaction the message is settled: what the handler writes and its
   * answer commit together, or neither does. Each call holds a connection, so the
   * data source must have {@link WorkerOptions#concurrency()} of them to spare. A
   * claim has at most 32 messages.
   */
  Worker consumeInTransaction(TransactionalHandler<T> handler, WorkerOptions options);

  /**
   * The same with up to {@link WorkerOptions#fetch()} messages in one transaction.
   */
  Worker consumeBatchesInTransaction(TransactionalBatchHandler<T> handler, WorkerOptions options);

  /**
   * Starts a worker that takes messages through the stages of a pipeline. It
   * claims no more than these can hold; {@link Worker#close()} lets what has begun
   * come to its end, batches included, and hands back what has not.
   */
  Worker pipeline(Pipeline<T> pipeline, PipelineOptions options);

  /** {@link #pipeline(Pipeline, PipelineOptions)} with {@link PipelineOptions#defaults()}. */
  default Worker pipeline(Pipeline<T> pipeline) {
    return pipeline(pipeline, PipelineOptions.defaults());
  }

  /**
   * Takes up to {@code quantity} messages (1 to 10,000) that are ready now, under
   * one lease of 10 ms to 1 day; empty if there are none. Nobody else gets them
   * until they are settled, released or the lease has run out.
   */
  Batch<T> claim(int quantity, Duration lease);

  /**
   * {@link #claim(int, Duration)} that waits for messages, for at most a day; empty
   * if none came in this time, or when the thread is interrupted. It looks at once
   * when something is published, and holds no connection while it waits.
   */
  Batch<T> claim(int quantity, Duration lease, Duration wait);

  /**
   * Takes up to {@code quantity} messages (1 to 10,000) for good: each is settled
   * before it is handed out, so it comes at most once. What is lost on the way is
   * lost.
   */
  List<Delivery<T>> pop(int quantity);

  /**
   * Up to {@code quantity} messages (1 to 10,000) that are ready, without taking
   * them. The position of one that was just committed is 0: it has none yet.
   */
  default List<Delivery<T>> peek(int quantity) {
    return peek(quantity, false);
  }

  /** {@link #peek(int)}; with {@code inFlight} those that somebody has, too. */
  List<Delivery<T>> peek(int quantity, boolean inFlight);

  /**
   * When the next lease runs out unless its holder renews it or settles first; in
   * the past if a claim takes messages back now; empty if nothing is in flight.
   */
  Optional<Instant> nextLapse();

  /** The numbers of this moment. */
  SubscriptionStats stats();
}
