package io.howdah;

import io.howdah.internal.subscription.Inlet;
import io.howdah.internal.subscription.Treatment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A durable, named reader of a stream. A handle costs nothing, needs no close,
 * and is safe for several threads; the subscription itself is made by
 * {@link Stream#subscribe(String)}.
 */
public final class Subscription<T> implements MessageSource<T> {

  private final Howdah howdah;
  private final String name;
  private final Codec<T> codec;
  private final Inlet<T> inlet;

  Subscription(Howdah howdah, String name, Codec<T> codec) {
    this.howdah = howdah;
    this.name = Limits.name("subscription", name);
    this.codec = codec;
    this.inlet = howdah.inlet(name, codec);
  }

  public String name() {
    return name;
  }

  /** Pause, purge, wake, and what state it is in. */
  public Operations operations() {
    return howdah.operations(name);
  }

  /** Which topics of its stream the subscription takes. */
  public Bindings bindings() {
    return new Bindings(name, howdah.bindings());
  }

  /**
   * Removes the subscription; false if there is none.
   *
   * @param force
   *          whether messages that wait for it may be lost; without it they are a
   *          {@link ErrorCode#CONFLICT}
   */
  public boolean drop(boolean force) {
    return howdah.catalogue().dropSubscription(name, force);
  }

  /**
   * Makes a subscription of the same stream with the same options and bindings,
   * and does not disturb this one: to read the stream once more beside it.
   * Returns its handle.
   *
   * @throws HowdahException
   *           {@link ErrorCode#CONFLICT} if the name is taken,
   *           {@link ErrorCode#GONE} if messages from there on are not there any
   *           more
   */
  public Subscription<T> shadow(String shadow, StartPosition start) {
    Subscription<T> handle = howdah.subscription(shadow, codec);
    howdah.catalogue().createShadow(shadow, name, start);
    return handle;
  }

  /** What it is like, its limits apart. */
  public SubscriptionOptions options() {
    return howdah.catalogue().options(name);
  }

  /**
   * Makes the subscription as these options say, for all from now on; begin with {@link #options()}. Its order cannot be
   * changed, only whether it blocks; null leaves it as it is.
   */
  public void alter(SubscriptionOptions options) {
    howdah.catalogue().alterSubscription(name, options);
  }

  /** Gives the subscription other limits, for all consumers and all claims from now on. */
  public void alter(LimitOptions limits) {
    howdah.catalogue().alterSubscription(name, limits);
  }

  /** How much of this subscription its consumers may have, all of them together. */
  public LimitOptions limits() {
    return howdah.catalogue().limits(name);
  }

  /** Gives the subscription another policy, for all failures from now on. */
  public void alter(RetryPolicy policy) {
    howdah.catalogue().alterSubscription(name, policy);
  }

  /** In which order messages are handled here. */
  public Ordering ordering() {
    return howdah.catalogue().ordering(name);
  }

  /** The keys whose first message has failed. */
  public BlockedKeys blockedKeys() {
    return howdah.blockedKeys(name);
  }

  /**
   * Changes whether failures block, for all from now on; the order itself cannot be changed. Workers that run know it
   * within 5 s.
   */
  public void alter(Ordering ordering) {
    howdah.catalogue().alterSubscription(name, ordering);
  }

  /** What becomes of messages that fail here. */
  public RetryPolicy retryPolicy() {
    return howdah.catalogue().retryPolicy(name);
  }

  /** The messages that were handled here and kept. */
  public Archive archive() {
    return howdah.archive(name);
  }

  /** The messages that were given up here. */
  public DeadLetters deadLetters() {
    return howdah.deadLetters(name);
  }

  @Override
  public Worker consume(Handler<T> handler, WorkerOptions options) {
    return howdah.open().work(inlet, new Treatment.Each<>(handler), options);
  }

  @Override
  public Worker consumeBatches(BatchHandler<T> handler, WorkerOptions options) {
    return howdah.open().work(inlet, new Treatment.Batches<>(handler), options);
  }

  @Override
  public Worker consumeBatches(BatchHandler<T> handler, Batching<T> batching, WorkerOptions options) {
    return howdah.open().work(inlet, new Treatment.Collected<>(handler, batching), options);
  }

  @Override
  public Worker consumeInTransaction(TransactionalHandler<T> handler, WorkerOptions options) {
    return howdah.open().work(inlet, new Treatment.EachInTransaction<>(handler), options);
  }

  @Override
  public Worker consumeBatchesInTransaction(TransactionalBatchHandler<T> handler, WorkerOptions options) {
    return howdah.open().work(inlet, new Treatment.BatchesInTransaction<>(handler), options);
  }

  @Override
  public Worker pipeline(Pipeline<T> pipeline, PipelineOptions options) {
    return howdah.open().work(inlet, pipeline, options);
  }

  @Override
  public Batch<T> claim(int quantity, Duration lease) {
    return Batch.claim(inlet, quantity, lease);
  }

  @Override
  public Batch<T> claim(int quantity, Duration lease, Duration wait) {
    return Batch.claim(inlet, quantity, lease, wait, howdah.longPoll(name));
  }

  @Override
  public List<Delivery<T>> pop(int quantity) {
    Limits.quantity("quantity", quantity);
    return inlet.pop(quantity, ProcessName.NAME).deliveries();
  }

  @Override
  public List<Delivery<T>> peek(int quantity, boolean inFlight) {
    Limits.quantity("quantity", quantity);
    return inlet.peek(quantity, inFlight);
  }

  @Override
  public Optional<Instant> nextLapse() {
    return inlet.nextLapse();
  }

  @Override
  public SubscriptionStats stats() {
    return howdah.stats(name);
  }
}
