package io.howdah;

import io.howdah.internal.stream.Outlet;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A stream: what is published to it reaches each of its subscriptions. A handle
 * costs nothing, needs no close, and is safe for several threads; the stream
 * itself is made by {@link #create(Duration)}.
 */
public final class Stream<T> implements MessageSink<T> {

  private final Howdah howdah;
  private final String name;
  private final Codec<T> codec;
  private final Outlet<T> outlet;

  Stream(Howdah howdah, String name, Codec<T> codec) {
    this.howdah = howdah;
    this.name = Limits.name("stream", name);
    this.codec = codec;
    this.outlet = howdah.outlet(name, codec, false);
  }

  public String name() {
    return name;
  }

  /**
   * Makes the stream if there is none, with the retention that is configured, see {@link Howdah#configuration()}; 7 days
   * if nobody did. Returns this handle.
   */
  public Stream<T> create() {
    howdah.catalogue().createStream(name, null);
    return this;
  }

  /**
   * Makes the stream if there is none; returns this handle.
   *
   * @param retention
   *          how long messages are kept for subscriptions that come later
   */
  public Stream<T> create(Duration retention) {
    howdah.catalogue().createStream(name, retention);
    return this;
  }

  /** Makes the stream if there is none, with these options; returns this handle. */
  public Stream<T> create(StreamOptions options) {
    howdah.streamCatalogue().create(name, options);
    return this;
  }

  /**
   * Gives the stream, or the queue of this name its own stream, other options, for what is published from now on. What is
   * null among those that a configuration knows stays as it is.
   */
  public void alter(StreamOptions options) {
    howdah.streamCatalogue().alter(name, options);
  }

  /** What holds for the messages of this stream, and how many there were. */
  public StreamStats describe() {
    return howdah.streamCatalogue().describe(name).getFirst();
  }

  /**
   * Removes the stream and what it holds; false if there is none.
   *
   * @param force
   *          whether messages that wait may be lost; without it they are a
   *          {@link ErrorCode#CONFLICT}
   */
  public boolean drop(boolean force) {
    return howdah.catalogue().dropStream(name, force);
  }

  /**
   * Makes a subscription of this stream that starts with what is published from
   * now on; returns its handle.
   */
  public Subscription<T> subscribe(String subscription) {
    return subscribe(subscription, StartPosition.now());
  }

  /**
   * Makes a subscription of this stream if there is none of that name; returns
   * its handle.
   */
  public Subscription<T> subscribe(String subscription, StartPosition start) {
    return subscribe(subscription, start, SubscriptionOptions.defaults());
  }

  /**
   * Makes a subscription of this stream with this policy if there is none of that
   * name; one that is there keeps its own. Returns its handle.
   */
  public Subscription<T> subscribe(String subscription, StartPosition start, RetryPolicy policy) {
    return subscribe(subscription, start, SubscriptionOptions.defaults().withRetries(policy));
  }

  /**
   * Makes a subscription of this stream with this order and policy if there is none of that name; returns its handle.
   */
  public Subscription<T> subscribe(String subscription, StartPosition start, Ordering ordering, RetryPolicy policy) {
    return subscribe(subscription, start, SubscriptionOptions.defaults().withRetries(policy).withOrdering(ordering));
  }

  /**
   * Makes a subscription of this stream with these options if there is none of
   * that name; one that is there keeps its own, but that it expires no sooner than
   * this asks for. Returns its handle.
   */
  public Subscription<T> subscribe(String subscription, StartPosition start, SubscriptionOptions options) {
    Subscription<T> handle = howdah.subscription(subscription, codec);
    howdah.catalogue().createSubscription(subscription, name, start, options);
    return handle;
  }

  /**
   * A subscription for all who ask for the same one: with these options and topic
   * patterns (none: everything), compared in full. Its consumers compete. It
   * expires after the longest time that anybody asked for, never if somebody asked
   * for none. A new one starts now. Returns its handle.
   */
  public Subscription<T> share(SubscriptionOptions options, String... patterns) {
    return howdah.subscription(howdah.catalogue().shareSubscription(name, options, List.of(patterns)), codec);
  }

  /**
   * {@link #listen(Duration, String...)} that goes by itself 10 minutes after it
   * was last asked, or as {@link Knob#SUBSCRIPTION_EXPIRY} says.
   */
  public Events<T> listen(String... patterns) {
    return listen(Knob.SUBSCRIPTION_EXPIRY.duration(), patterns);
  }

  /**
   * What is published from now on and matches one of the topic patterns (none:
   * everything), for a listener that keeps no state: it has a subscription for
   * itself, which goes when it is closed, or by itself when it was not asked for so
   * long, 1 s to 10 years. Close it when done.
   */
  public Events<T> listen(Duration expiry, String... patterns) {
    return listen(StartPosition.now(), expiry, patterns);
  }

  /** {@link #listen(StartPosition, Duration, String...)} that goes by itself as that of {@link #listen(String...)}. */
  public Events<T> listen(StartPosition start, String... patterns) {
    return listen(start, Knob.SUBSCRIPTION_EXPIRY.duration(), patterns);
  }

  /**
   * {@link #listen(Duration, String...)} that begins with what was published from there on; {@link ErrorCode#GONE} if the
   * stream does not have all of it any more.
   */
  public Events<T> listen(StartPosition start, Duration expiry, String... patterns) {
    String own = "listen/" + name.substring(0, Math.min(name.length(), 200)) + "/" + UUID.randomUUID();
    howdah.catalogue().createListener(own, name, start, SubscriptionOptions.defaults().withExpiresAfter(expiry),
        List.of(patterns));
    return howdah.open().listen(howdah.inlet(own, codec));
  }

  /**
   * Who would get a message with this topic, and why; null: without a topic. Publishes nothing.
   */
  public List<Route> route(@Nullable String topic) {
    return howdah.bindings().route(name, topic);
  }

  /**
   * The same verbs in the caller's transaction; the connection stays the
   * caller's.
   */
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
   * Has a message published again and again, by whichever process is there; its
   * next time, or empty if it is paused. What has that name already gets this
   * definition, so call it at each start.
   *
   * @throws HowdahException
   *           {@link ErrorCode#NOT_FOUND} if there is no such stream,
   *           {@link ErrorCode#INVALID} if the database does not understand the
   *           expression or the zone, or the message has a delay
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

  /**
   * {@link #publisher(PublisherOptions)} with
   * {@link PublisherOptions#defaults()}.
   */
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

  @Override
  public List<Published> publishAllOnce(List<Message<T>> messages, List<Once> onces) {
    Limits.paired(messages, onces);
    return outlet.publishOnce(messages, onces);
  }

  @Override
  public Published publishOnce(Message<T> message, Once once) {
    return outlet.publishOnce(message, once);
  }
}
