package io.howdah;

import io.howdah.internal.stream.Outlet;
import io.howdah.internal.subscription.Inlet;
import io.howdah.internal.subscription.Treatment;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A queue: a stream and one subscription of the same name. A handle costs nothing, needs no close, and is safe for
 * several threads; the queue itself is made by {@link #create()}, or by publishing to it unless {@link PublishRules}
 * say otherwise.
 */
public final class Queue<T> implements MessageSink<T>, MessageSource<T> {

  private final Howdah howdah;
  private final String name;
  private final Codec<T> codec;
  private final Outlet<T> outlet;
  private final Inlet<T> inlet;

  Queue(Howdah howdah, String name, Codec<T> codec) {
    this.howdah = howdah;
    this.name = Limits.name("queue", name);
    this.codec = codec;
    this.outlet = howdah.outlet(name, codec, true);
    this.inlet = howdah.inlet(name, codec);
  }

  public String name() {
    return name;
  }

  /** Its own subscription, for what all subscriptions have: options, seek, expiry. */
  public Subscription<T> subscription() {
    return howdah.subscription(name, codec);
  }

  /** Makes the queue if there is none; returns this handle. */
  public Queue<T> create() {
    howdah.catalogue().createQueue(name, null, null);
    return this;
  }

  /** Makes the queue with these options if there is none; CONFLICT, also below, if it has another one. Returns this handle. */
  public Queue<T> create(SubscriptionOptions options) {
    howdah.catalogue().createQueue(name, options);
    return this;
  }

  /** Makes the queue with this policy if there is none, which {@link #alter(RetryPolicy)} changes; returns this handle. */
  public Queue<T> create(RetryPolicy policy) {
    howdah.catalogue().createQueue(name, null, policy);
    return this;
  }

  /** Makes the queue with this order if there is none; CONFLICT if it has no order, being made by a publish. */
  public Queue<T> create(Ordering ordering) {
    howdah.catalogue().createQueue(name, ordering, null);
    return this;
  }

  /** Makes the queue with this order and policy if there is none; returns this handle. */
  public Queue<T> create(Ordering ordering, RetryPolicy policy) {
    howdah.catalogue().createQueue(name, ordering, policy);
    return this;
  }

  /** In which order messages of this queue are handled. */
  public Ordering ordering() {
    return howdah.catalogue().ordering(name);
  }

  /** The keys whose first message has failed. */
  public BlockedKeys blockedKeys() {
    return howdah.blockedKeys(name);
  }

  /** Changes whether failures block, for all from now on, not the order itself; workers know it within 5 s. */
  public void alter(Ordering ordering) {
    howdah.catalogue().alterSubscription(name, ordering);
  }

  /** Makes the queue with these limits if there is none; returns this handle. */
  public Queue<T> create(LimitOptions limits) {
    howdah.catalogue().createQueue(name, limits);
    return this;
  }

  /** Gives the queue other limits, for all consumers and all claims from now on. */
  public void alter(LimitOptions limits) {
    howdah.catalogue().alterQueue(name, limits);
  }

  /** How much of this queue its consumers may have, all of them together. */
  public LimitOptions limits() {
    return howdah.catalogue().limits(name);
  }

  /** Gives the queue another policy, for all failures from now on. */
  public void alter(RetryPolicy policy) {
    howdah.catalogue().alterQueue(name, policy);
  }

  /** What becomes of messages of this queue that fail. */
  public RetryPolicy retryPolicy() {
    return howdah.catalogue().retryPolicy(name);
  }

  /**
   * Makes a queue that gets the messages of a stream whose topic matches one of the patterns, from now on; an existing
   * one stays as it is. What is published to this handle then goes to this queue only. Returns this handle.
   */
  public Queue<T> create(Stream<?> stream, String... patterns) {
    return create(stream, SubscriptionOptions.defaults(), patterns);
  }

  /** {@link #create(Stream, String...)} with options. */
  public Queue<T> create(Stream<?> stream, SubscriptionOptions options, String... patterns) {
    howdah.catalogue().createBoundQueue(name, stream.name(), List.of(patterns), options);
    return this;
  }

  /**
   * Makes a subscription of the same stream with the same options and bindings, and does not disturb this one: to read
   * the stream once more beside it. Returns its handle.
   *
   * @throws HowdahException
   *           {@link ErrorCode#CONFLICT} if the name is taken, {@link ErrorCode#GONE} if messages from there on are gone
   */
  public Subscription<T> shadow(String shadow, StartPosition start) {
    return subscription().shadow(shadow, start);
  }

  /** Pause, purge, wake, and what state it is in. */
  public Operations operations() {
    return howdah.operations(name);
  }

  /** Which topics of its stream the queue takes. */
  public Bindings bindings() {
    return new Bindings(name, howdah.bindings());
  }

  /** Removes the queue; false if there is none. Messages that wait are a {@link ErrorCode#CONFLICT}, or lost by force. */
  public boolean drop(boolean force) {
    return howdah.catalogue().dropQueue(name, force);
  }

  /** The same verbs in the caller's transaction; the connection stays the caller's. */
  public MessageSink<T> in(Connection connection) {
    return new TransactionSink<>(outlet, connection);
  }

  /** How long deduplication keys count here from now on, 1 ms to 30 days; see {@link #publishOnce}. */
  public void deduplicate(Duration window) {
    outlet.deduplicate(window);
  }

  /** What waits for its time here: to look at, to take back, to give another time. */
  public Schedule schedule() {
    return new Schedule(howdah, name, null);
  }

  /**
   * Has a message published again and again, by whichever process is there; its next time, or empty if it is paused.
   * What has that name already gets this definition, so call it at each start.
   *
   * @throws HowdahException
   *           {@link ErrorCode#NOT_FOUND} if there is no such queue, {@link ErrorCode#INVALID} if the database does not
   *           understand the expression or the zone, or the message has a delay
   */
  public Optional<Instant> repeat(String name, Cron cron, Message<T> message) {
    return outlet.repeat(name, cron, message);
  }

  /**
   * A publisher that fuses concurrent single publishes; close it when done. What it cannot publish is kept in a
   * {@link SpillFile} in the directory that {@link PublishRules} name.
   */
  public Publisher<T> publisher(PublisherOptions options) {
    return publisher(options, howdah.spillFile());
  }

  /** {@link #publisher(PublisherOptions)} that tells a listener of your own what could not be published. */
  public Publisher<T> publisher(PublisherOptions options, FailureListener listener) {
    return howdah.open().publisher(outlet, options, listener);
  }

  /** {@link #publisher(PublisherOptions)} with {@link PublisherOptions#defaults()}. */
  public Publisher<T> publisher() {
    return publisher(PublisherOptions.defaults());
  }

  @Override
  public UUID publish(Message<T> message) {
    return outlet.publish(message);
  }

  @Override
  public Receipt publishRouted(Message<T> message) {
    return outlet.publishRouted(message);
  }

  @Override
  public List<UUID> publishAllMessages(List<Message<T>> messages) {
    return outlet.publish(messages);
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
  public List<Published> publishAllOnce(List<Message<T>> messages, List<Once> onces) {
    Limits.paired(messages, onces);
    return outlet.publishOnce(messages, onces);
  }

  @Override
  public Published publishOnce(Message<T> message, Once once) {
    return outlet.publishOnce(message, once);
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
