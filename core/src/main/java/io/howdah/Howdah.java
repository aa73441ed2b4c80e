package io.howdah;

import io.howdah.internal.binding.BindingFunctions;
import io.howdah.internal.catalogue.Catalogue;
import io.howdah.internal.catalogue.StreamCatalogue;
import io.howdah.internal.configuration.ConfigurationFunctions;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.letter.ArchiveFunctions;
import io.howdah.internal.letter.LetterFunctions;
import io.howdah.internal.ordering.OrderingFunctions;
import io.howdah.internal.queue.QueueFunctions;
import io.howdah.internal.stream.Creation;
import io.howdah.internal.segment.Housekeeper;
import io.howdah.internal.stream.Outlet;
import io.howdah.internal.subscription.Inlet;
import io.howdah.internal.subscription.LongPoll;
import io.howdah.internal.wakeup.Bell;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The door to a broker: a PostgreSQL database that has the schema
 * {@code howdah}. Safe for several threads; one per process and database is
 * enough.
 *
 * <p>
 * Connections are borrowed from the data source for one statement at a time,
 * never while a handler runs, and may come from a pool or through a transaction
 * pooler. Use a pool ({@code HikariCP}) with a connection for each worker and
 * publisher lane, one for the bell, and one that listens while workers are
 * idle.
 */
public final class Howdah implements AutoCloseable {

  private final Connections connections;
  private final Catalogue catalogue;
  private final BindingFunctions bindings;
  private final LetterFunctions letters;
  private final ArchiveFunctions archive;
  private final Bell bell;
  private final HowdahOptions options;
  private final PublishRules rules;
  private final SpillFile spillFile;
  private final ConcurrentMap<String, Boolean> queues = new ConcurrentHashMap<>();
  private final @Nullable Housekeeper housekeeper;
  private final OpenHandles open;

  private Howdah(Connections connections, Bell bell, HowdahOptions options, PublishRules rules) {
    this.rules = rules;
    this.spillFile = SpillFile.in(rules.spillDirectory());
    this.options = options;
    this.connections = connections;
    this.catalogue = new Catalogue(connections);
    this.bindings = BindingFunctions.of(connections);
    this.letters = new LetterFunctions(connections);
    this.archive = new ArchiveFunctions(connections);
    this.bell = bell;
    this.open = new OpenHandles(bell, catalogue, options);
    this.housekeeper = options.maintenanceInterval().isZero()
        ? null
        : Housekeeper.start(connections, options.maintenanceInterval());
  }

  /** {@link #open(DataSource, HowdahOptions)} with {@link HowdahOptions#defaults()}. */
  public static Howdah open(DataSource dataSource) {
    return open(dataSource, HowdahOptions.defaults());
  }

  /**
   * Opens the broker; the data source stays the caller's.
   *
   * @throws HowdahException
   *           {@link ErrorCode#INVALID} if a {@link Knob} is set to what it cannot
   *           be, or something is set that is none,
   *           {@link ErrorCode#SCHEMA_MISSING} or
   *           {@link ErrorCode#SCHEMA_VERSION} if the schema has to be installed
   *           or upgraded first, {@link ErrorCode#UNAVAILABLE} if there is no
   *           connection
   */
  public static Howdah open(DataSource dataSource, HowdahOptions options) {
    return open(dataSource, options, PublishRules.defaults());
  }

  /** {@link #open(DataSource, HowdahOptions)} with rules for publishing. */
  public static Howdah open(DataSource dataSource, HowdahOptions options, PublishRules rules) {
    Knob.check();
    Connections connections = new Connections(dataSource, options.statementTimeout());
    try {
      new Catalogue(connections).check();
    } catch (RuntimeException e) {
      connections.close();
      throw e;
    }
    return new Howdah(connections, new Bell(dataSource, connections, options), options, rules);
  }

  /** A queue of JSON text. */
  public Queue<Json> queue(String name) {
    return queue(name, Json.class);
  }

  /** A queue of payloads of a class; see {@link Codec#of(Class)}. */
  public <T> Queue<T> queue(String name, Class<T> type) {
    return queue(name, Codec.of(type));
  }

  public <T> Queue<T> queue(String name, Codec<T> codec) {
    return new Queue<>(this, name, codec);
  }

  /** A stream of JSON text. */
  public Stream<Json> stream(String name) {
    return stream(name, Json.class);
  }

  /** A stream of payloads of a class; see {@link Codec#of(Class)}. */
  public <T> Stream<T> stream(String name, Class<T> type) {
    return stream(name, Codec.of(type));
  }

  public <T> Stream<T> stream(String name, Codec<T> codec) {
    return new Stream<>(this, name, codec);
  }

  /** Job queues whose params are JSON text; see {@link #jobs(String, Codec)}. */
  public Jobs<Json> jobs(String scope) {
    return jobs(scope, Json.class);
  }

  /** Job queues whose params are of a class; see {@link Codec#of(Class)}. */
  public <T> Jobs<T> jobs(String scope, Class<T> type) {
    return jobs(scope, Codec.of(type));
  }

  /** The job queues of a scope, which are apart from those of any other scope. */
  public <T> Jobs<T> jobs(String scope, Codec<T> codec) {
    return new Jobs<>(this, scope, codec);
  }

  /** A subscription that delivers JSON text. */
  public Subscription<Json> subscription(String name) {
    return subscription(name, Json.class);
  }

  /** A subscription that delivers payloads of a class; see {@link Codec#of(Class)}. */
  public <T> Subscription<T> subscription(String name, Class<T> type) {
    return subscription(name, Codec.of(type));
  }

  public <T> Subscription<T> subscription(String name, Codec<T> codec) {
    return new Subscription<>(this, name, codec);
  }

  /** The blocked keys of a queue or subscription. */
  public BlockedKeys blockedKeys(String subscription) {
    return new BlockedKeys(Limits.name("subscription", subscription), new OrderingFunctions(connections), bell);
  }

  /** The archive of a queue or subscription. */
  public Archive archive(String subscription) {
    return new Archive(Limits.name("subscription", subscription), archive);
  }

  /** The dead letters of a queue or subscription. */
  public DeadLetters deadLetters(String subscription) {
    return new DeadLetters(Limits.name("subscription", subscription), letters, bell);
  }

  /** The dead letters of all subscriptions, page by page; see {@link DeadLetters#list}. */
  public List<DeadLetter> deadLetters(LetterFilter filter, long after, int quantity) {
    Limits.quantity("quantity", quantity);
    return letters.list(null, filter, after, quantity);
  }

  /** What is published again and again; {@link Queue#repeat} makes it. */
  public Recurring recurring() {
    return new Recurring(this);
  }

  /** What is set in the database, for the whole fleet. */
  public Configuration configuration() {
    return new Configuration(new ConfigurationFunctions(connections));
  }

  /**
   * Listens to a channel of PostgreSQL (1 to 63 bytes, as {@code pg_notify} has it; not {@code howdah}), on the
   * connection on which this process listens for the bell. It survives lost connections, and tells when notifications
   * may have been missed.
   *
   * @throws HowdahException
   *           {@link ErrorCode#INVALID} for another name, {@link ErrorCode#UNSUPPORTED} if
   *           {@link HowdahOptions#listen()} is false
   */
  public Channel channel(String name, ChannelListener listener) {
    Limits.channel(name);
    if (!options.listen()) {
      throw new HowdahException(ErrorCode.UNSUPPORTED, "channel \"" + name
          + "\" cannot be heard: this Howdah does not listen; open it with HowdahOptions.withListen(true)");
    }
    return new Channel(bell.hear(name, listener));
  }

  /**
   * Up to {@code quantity} messages (1 to 10,000) that are ready in each queue and subscription, by its name, without
   * taking them; with {@code inFlight} those that somebody has, too.
   */
  public List<PeekedMessage> peekAll(int quantity, boolean inFlight) {
    Limits.quantity("quantity", quantity);
    return Inlet.peekAll(connections, quantity, inFlight);
  }

  /** The numbers of this moment, of every queue and subscription. */
  public List<SubscriptionStats> stats() {
    return catalogue.stats(null);
  }

  /** All streams, those of queues too. */
  public List<StreamStats> streams() {
    return streamCatalogue().describe(null);
  }

  /** Closes publishers and workers, each with its own time-out or grace, all at the same time; then the rest. */
  @Override
  public void close() {
    open.close();
    if (housekeeper != null) {
      housekeeper.close();
    }
    bell.close();
    connections.close();
  }

  SubscriptionStats stats(String subscription) {
    return catalogue.stats(subscription).stream().findFirst().orElseThrow(() -> new HowdahException(ErrorCode.NOT_FOUND,
        "subscription \"" + subscription + "\" does not exist; create it first"));
  }

  <R> R call(Connections.Work<R> work) {
    return connections.call(work);
  }

  /** For work that must not be repeated blindly; see {@link Connections#commit}. */
  <R> R commit(String what, Connections.Work<R> work) {
    return connections.commit(what, work);
  }

  /** Something may be due sooner in this stream than its sleepers know. */
  void ring(String stream, boolean inTransaction) {
    if (inTransaction) {
      bell.maybeCommitted(stream);
    } else {
      bell.committed(stream);
    }
  }

  Catalogue catalogue() {
    return catalogue;
  }

  StreamCatalogue streamCatalogue() {
    return new StreamCatalogue(connections);
  }

  SpillFile spillFile() {
    return spillFile;
  }

  Operations operations(String name) {
    return new Operations(name, new QueueFunctions(connections), bell);
  }

  BindingFunctions bindings() {
    return bindings;
  }

  <T> Outlet<T> outlet(String name, Codec<T> codec, boolean queue) {
    Creation creation = new Creation(name, queue && rules.createQueues(), queues);
    return new Outlet<>(codec, connections, bell, creation, rules.requireTransaction());
  }

  <T> Inlet<T> inlet(String name, Codec<T> codec) {
    return new Inlet<>(name, codec, connections, bell);
  }

  LongPoll longPoll(String subscription) {
    return new LongPoll(bell, subscription);
  }

  /** What was opened here, and is closed with it. */
  OpenHandles open() {
    return open;
  }
}
