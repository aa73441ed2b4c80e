package io.howdah.internal.catalogue;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.LimitOptions;
import io.howdah.Ordering;
import io.howdah.RetryPolicy;
import io.howdah.StartPosition;
import io.howdah.SubscriptionOptions;
import io.howdah.SubscriptionStats;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes, drops and counts streams, queues and subscriptions, and knows which
 * schema it needs for that.
 */
public final class Catalogue {

  private static final int KNOWN_VERSION = 1;

  private static final String VERSION = """
      select howdah.schema_version()::text""";
  private static final String CREATE_QUEUE = """
      select howdah.create_queue(?, ?::json)::text""";
  private static final String DROP_QUEUE = """
      select howdah.drop_queue(?, ?::boolean)::text""";
  private static final String CREATE_STREAM = """
      select howdah.create_stream(?, ?::interval)::text""";
  private static final String DROP_STREAM = """
      select howdah.drop_stream(?, ?::boolean)::text""";
  private static final String CREATE_SUBSCRIPTION = """
      select howdah.create_subscription(?, ?, ?, ?::json, ?::timestamptz, ?::bigint)::text""";
  private static final String SHARE_SUBSCRIPTION = """
      select howdah.share_subscription(?, ?::text[], ?::json)""";
  private static final String CREATE_BOUND = """
      with made as materialized (select howdah.create_subscription(?, ?, options => ?::json))
      select howdah.set_bindings(?, ?::text[])::text from made""";
  private static final String CREATE_BOUND_QUEUE = """
      select howdah.create_bound_queue(?, ?, ?::text[], ?::json)::text""";
  private static final String CREATE_BOUND_AT = """
      with made as materialized (select howdah.create_subscription(?, ?, options => ?::json)),
        bound as materialized (select howdah.set_bindings(?, ?::text[]) from made)
      select (howdah.seek(?, ?, ?::timestamptz, ?::bigint)).position::text from bound""";
  private static final String CREATE_SHADOW = """
      select howdah.create_shadow(?, ?, ?, ?::timestamptz, ?::bigint)::text""";
  private static final String DROP_SUBSCRIPTION = """
      select howdah.drop_subscription(?, ?::boolean)::text""";
  private static final String ALTER_QUEUE = """
      select howdah.alter_queue(?, ?::json)::text""";
  private static final String ALTER_SUBSCRIPTION = """
      select howdah.alter_subscription(?, ?::json)::text""";
  private static final String OPTIONS = """
      select options::text from howdah.describe(?)""";
  private static final String STATS = """
      select subscription, stream, kind, ready, in_flight, scheduled, dead, published, oldest_ready,
        discarded, blocked, expired, archived, newest
      from howdah.stats(?)""";

  private final Connections connections;

  public Catalogue(Connections connections) {
    this.connections = connections;
  }

  /** Refuses a database whose schema this client does not know. */
  public void check() {
    int version = Integer.parseInt(one(VERSION));
    if (version != KNOWN_VERSION) {
      throw new HowdahException(ErrorCode.SCHEMA_VERSION,
          "the schema howdah in this database has version " + version + " but this client knows version "
              + KNOWN_VERSION + "; "
              + (version < KNOWN_VERSION ? "upgrade it with howdah schema install" : "use a newer client"));
    }
  }

  /** An ordering of null is none, a policy of null the default one. */
  public void createQueue(String name, @Nullable Ordering ordering, @Nullable RetryPolicy policy) {
    one(CREATE_QUEUE, name, PolicyText.encode(ordering, policy));
  }

  public void createQueue(String name, LimitOptions limits) {
    one(CREATE_QUEUE, name, PolicyText.object(LimitText.changes(limits)));
  }

  /** A queue with the options of a subscription. */
  public void createQueue(String name, SubscriptionOptions options) {
    one(CREATE_QUEUE, name, PolicyText.encode(options));
  }

  /** One that is bound to a stream from its first message on. */
  public void createBoundQueue(String name, String stream, List<String> patterns, SubscriptionOptions options) {
    one(CREATE_BOUND_QUEUE, name, stream, patterns.isEmpty() ? "{}" : array(patterns), PolicyText.encode(options));
  }

  public boolean dropQueue(String name, boolean force) {
    return Boolean.parseBoolean(one(DROP_QUEUE, name, Boolean.toString(force)));
  }

  /** A retention of null is the configured one. */
  public void createStream(String name, @Nullable Duration retention) {
    one(CREATE_STREAM, name, Statements.interval(retention));
  }

  public boolean dropStream(String name, boolean force) {
    return Boolean.parseBoolean(one(DROP_STREAM, name, Boolean.toString(force)));
  }

  public void createSubscription(String name, String stream, StartPosition start, SubscriptionOptions options) {
    StartText from = StartText.of(start);
    one(CREATE_SUBSCRIPTION, name, stream, from.word(), PolicyText.encode(options), from.time(), from.position());
  }

  /** Without patterns of everything; returns its name. */
  public String shareSubscription(String stream, SubscriptionOptions options, List<String> patterns) {
    return one(SHARE_SUBSCRIPTION, stream, array(patterns), PolicyText.encode(options));
  }

  /** A subscription that is bound from its first message on; without patterns it takes everything. */
  public void createListener(String name, String stream, StartPosition start, SubscriptionOptions options,
      List<String> patterns) {
    StartText from = StartText.of(start);
    String text = PolicyText.encode(options);
    if (patterns.isEmpty()) {
      createSubscription(name, stream, start, options);
    } else if (start instanceof StartPosition.Now) {
      one(CREATE_BOUND, name, stream, text, name, array(patterns));
    } else {
      one(CREATE_BOUND_AT, name, stream, text, name, array(patterns), name, from.word(), from.time(), from.position());
    }
  }

  private static @Nullable String array(List<String> patterns) {
    return patterns.isEmpty()
        ? null
        : patterns.stream().map(each -> '"' + each.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
            .collect(Collectors.joining(",", "{", "}"));
  }

  public void createShadow(String name, String original, StartPosition start) {
    StartText from = StartText.of(start);
    one(CREATE_SHADOW, name, original, from.word(), from.time(), from.position());
  }

  public boolean dropSubscription(String name, boolean force) {
    return Boolean.parseBoolean(one(DROP_SUBSCRIPTION, name, Boolean.toString(force)));
  }

  public void alterQueue(String name, RetryPolicy policy) {
    one(ALTER_QUEUE, name, PolicyText.encode(policy));
  }

  public void alterSubscription(String name, RetryPolicy policy) {
    one(ALTER_SUBSCRIPTION, name, PolicyText.encode(policy));
  }

  /** Of an ordering only whether it blocks can be changed; null: it stays as it is. */
  public void alterSubscription(String name, SubscriptionOptions options) {
    one(ALTER_SUBSCRIPTION, name, PolicyText.encodeAll(options));
  }

  public SubscriptionOptions options(String subscription) {
    return PolicyText.decodeAll(one(OPTIONS, subscription));
  }

  /** Only whether it blocks can be changed. */
  public void alterSubscription(String name, Ordering ordering) {
    one(ALTER_SUBSCRIPTION, name, PolicyText.encode(ordering));
  }

  public Ordering ordering(String subscription) {
    return PolicyText.decodeOrdering(one(OPTIONS, subscription));
  }

  public void alterQueue(String name, LimitOptions limits) {
    one(ALTER_QUEUE, name, LimitText.encode(limits));
  }

  public void alterSubscription(String name, LimitOptions limits) {
    one(ALTER_SUBSCRIPTION, name, LimitText.encode(limits));
  }

  public LimitOptions limits(String subscription) {
    return LimitText.decode(one(OPTIONS, subscription));
  }

  public RetryPolicy retryPolicy(String subscription) {
    return PolicyText.decode(one(OPTIONS, subscription));
  }

  /** Of one subscription, or of all. */
  public List<SubscriptionStats> stats(@Nullable String subscription) {
    return connections.call(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, STATS)) {
        statement.setString(1, subscription);
        try (ResultSet rows = statement.executeQuery()) {
          List<SubscriptionStats> stats = new ArrayList<>();
          while (rows.next()) {
            stats.add(read(rows));
          }
          return stats;
        }
      }
    });
  }

  private static SubscriptionStats read(ResultSet row) throws SQLException {
    String oldest = row.getString(9);
    String newest = row.getString(14);
    return new SubscriptionStats(row.getString(1), row.getString(2), row.getString(3), row.getLong(4), row.getLong(5),
        row.getLong(6), row.getLong(7), row.getLong(8), oldest == null ? null : Statements.instant(oldest),
        row.getLong(10), row.getLong(11), row.getLong(12), row.getLong(13),
        newest == null ? null : Statements.instant(newest));
  }

  private String one(String sql, @Nullable String... arguments) {
    return connections.callSlow(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, sql)) {
        for (int i = 0; i < arguments.length; i++) {
          statement.setString(i + 1, arguments[i]);
        }
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          return rows.getString(1);
        }
      }
    });
  }
}
