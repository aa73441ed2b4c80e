package io.howdah;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A default of this process that can be set from outside: by the system property {@code howdah.pollInterval} or else by
 * the environment variable {@code HOWDAH_POLL_INTERVAL}. What the program itself sets, in an options record, wins over
 * both. Here, and only here, stands which knobs there are, what they are without being set, and what they may be. What
 * holds for the whole fleet lies in the database: {@link Howdah#configuration()}.
 *
 * <p>
 * Durations are written like {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 7d}; lists have commas.
 */
public enum Knob {
  /** See {@link HowdahOptions#pollInterval()} and {@link Reading#defaults()}. */
  POLL_INTERVAL("pollInterval", "5s", time("10ms", "5m"),
      "how long an idle worker or pipeline waits for the bell before it looks"),
  /** See {@link HowdahOptions#listen()}. */
  LISTEN("listen", "true", new KnobType.Flag(), "whether idle workers keep one connection that listens"),
  /** See {@link HowdahOptions#ring()}. */
  RING("ring", "true", new KnobType.Flag(), "whether publishing rings idle workers of other processes"),
  /** See {@link HowdahOptions#statementTimeout()}. */
  STATEMENT_TIMEOUT("statementTimeout", "15s", time("1s", "1h"), "how long one statement may take"),
  /** See {@link HowdahOptions#maintenanceInterval()}. */
  MAINTENANCE_INTERVAL("maintenanceInterval", "60s", time("0s", "1d"), "how often this process keeps house; 0: never"),
  /** See {@link HowdahOptions#disabledWorkers()}. */
  WORKERS_DISABLED("workersDisabled", "", new KnobType.Names(),
      "queues, subscriptions and workers that do not work here, besides those that the program names; * is all"),
  /** See {@link WorkerOptions#concurrency()}. */
  CONCURRENCY("concurrency", "16", count(1, 10_000), "handler calls of a worker at a time"),
  /** See {@link WorkerOptions#fetch()}. */
  FETCH("fetch", "500", count(1, 10_000), "most messages of one claim of a worker"),
  /** See {@link WorkerOptions#lease()}. */
  LEASE("lease", "30s", time("1s", "1h"), "how long messages stay with a worker that has died; renewed every third"),
  /** See {@link WorkerOptions#grace()}. */
  GRACE("grace", "10s", time("0s", "1h"), "how long a worker that is closed lets handlers finish"),
  /** See {@link Stream#listen(String...)}. */
  SUBSCRIPTION_EXPIRY("subscriptionExpiry", "10m", time("1s", "3653d"),
      "how long the subscription of a listener stays that nobody asks any more"),
  /** See {@link PublisherOptions#lanes()}. */
  PUBLISHER_LANES("publisherLanes", "2", count(1, 64), "statements of a publisher in flight at a time"),
  /** See {@link PublisherOptions#maxPending()}. */
  MAX_PENDING("maxPending", "20000", count(1, 10_000_000), "messages that may wait in a publisher"),
  /** See {@link PublisherOptions#maxPendingBytes()}. */
  MAX_PENDING_BYTES("maxPendingBytes", "67108864", count(1 << 20, 1L << 40), "the same in bytes"),
  /** See {@link PublisherOptions#timeout()}. */
  PUBLISH_TIMEOUT("publishTimeout", "30s", time("1ms", "1h"),
      "how long publish, flush and close of a publisher may block"),
  /** See {@link PublisherOptions#maxBatchSize()}. */
  MAX_BATCH_SIZE("maxBatchSize", "1000", count(1, 8_192), "most messages of one statement of a publisher"),
  /** See {@link PublisherOptions#flushInterval()}. */
  FLUSH_INTERVAL("flushInterval", "0s", time("0s", "1m"),
      "how long a message waits in a publisher for others; 0: until a lane is free"),
  /** See {@link PublisherOptions#retryFor()}. */
  RETRY_FOR("retryFor", "5m", time("0s", "50m"), "how long a publisher goes on while the database is away"),
  /** See {@link PublishRules#requireTransaction()}. */
  REQUIRE_TRANSACTION("requireTransaction", "false", new KnobType.Flag(),
      "whether publishing outside of the program's own transaction is refused"),
  /** See {@link PublishRules#createQueues()}. */
  CREATE_QUEUES("createQueues", "true", new KnobType.Flag(), "whether publishing to a queue makes it"),
  /** See {@link PublishRules#spillDirectory()}. */
  SPILL_DIRECTORY("spillDirectory", "howdah-spill", new KnobType.Directory(),
      "where publishers keep what they could not publish"),
  /** Names that begin like knobs but belong to somebody else; one that ends with * stands for all that begin so. */
  OTHER_NAMES("otherNames", "", new KnobType.Names(),
      "properties and variables that begin like knobs but are somebody else's, by their whole names");

  private final String id;
  private final String standard;
  private final KnobType type;
  private final String meaning;

  Knob(String id, String standard, KnobType type, String meaning) {
    this.id = id;
    this.standard = standard;
    this.type = type;
    this.meaning = meaning;
  }

  private static KnobType time(String least, String most) {
    return new KnobType.Time(Durations.parse(least), Durations.parse(most));
  }

  private static KnobType count(long least, long most) {
    return new KnobType.Count(least, most);
  }

  /** Its name, such as {@code pollInterval}. */
  public String id() {
    return id;
  }

  /** The system property that sets it, such as {@code howdah.pollInterval}. */
  public String property() {
    return KnobSource.PROPERTY_PREFIX + id;
  }

  /** The environment variable that sets it, such as {@code HOWDAH_POLL_INTERVAL}. */
  public String variable() {
    return KnobSource.VARIABLE_PREFIX + id.replaceAll("(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }

  /** What it is when nobody sets it. */
  public String standard() {
    return standard;
  }

  /** What it does, in one line. */
  public String meaning() {
    return meaning;
  }

  /**
   * All knobs as they are in this process, before a program's own options.
   *
   * @throws HowdahException
   *           {@link ErrorCode#INVALID} as from {@link #check()}
   */
  public static List<KnobSetting> settings() {
    check();
    return Arrays.stream(values()).map(KnobSource.ofProcess()::setting).toList();
  }

  /**
   * Looks at all properties and variables that begin like knobs; {@link Howdah#open} does it, too.
   *
   * @throws HowdahException
   *           {@link ErrorCode#INVALID} if one of them is no knob, or has a value that cannot be
   */
  public static void check() {
    KnobSource.ofProcess().check();
  }

  Object parse(String text) {
    return type.parse(text);
  }

  boolean flag() {
    return (Boolean) KnobSource.ofProcess().value(this);
  }

  int count() {
    return Math.toIntExact(number());
  }

  long number() {
    return (Long) KnobSource.ofProcess().value(this);
  }

  Duration duration() {
    return (Duration) KnobSource.ofProcess().value(this);
  }

  Path path() {
    return (Path) KnobSource.ofProcess().value(this);
  }

  Set<String> names() {
    return KnobSource.names(KnobSource.ofProcess().value(this));
  }

  /** Refuses a value that a program has set and that cannot be; {@code what} is the name it has there. */
  void require(String what, long value) {
    if (type instanceof KnobType.Count range && !range.contains(value)) {
      throw Limits.invalid(what + " must be between " + range.least() + " and " + range.most() + " but was " + value);
    }
  }

  /** The same for a duration. */
  void require(String what, Duration value) {
    if (type instanceof KnobType.Time range) {
      Limits.between(what, value, range.least(), range.most());
    }
  }
}
