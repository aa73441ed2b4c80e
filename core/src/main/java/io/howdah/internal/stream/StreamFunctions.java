package io.howdah.internal.stream;

import io.howdah.Once;
import io.howdah.Published;
import io.howdah.Receipt;
import io.howdah.internal.catalogue.StreamText;
import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** The functions that put messages into a stream. */
final class StreamFunctions {

  private static final String PUBLISH = """
      select howdah.publish(?, ?::json, ?, ?, ?::json, ?::interval, ?::timestamptz, ?::interval)""";

  private static final String PUBLISH_ROUTED = """
      select p.message, s.subscription, p.became, p.parked_in
      from howdah.publish_routed(?, ?::json, ?, ?, ?::json, ?::interval, ?::timestamptz, ?::interval) p
        left join lateral unnest(p.subscriptions) s (subscription) on true""";

  private static final String PUBLISH_MANY = """
      select howdah.publish_many(?, ?::text[], ?::text[], ?::text[], ?::text[], ?::text[]::interval[],
        ?::text[]::timestamptz[], ?::text[]::interval[])""";

  private static final String PUBLISH_ONCE = """
      select message, duplicate
      from howdah.publish_once(?, ?::json, ?, ?::uuid, ?::interval, ?, ?, ?::json, ?::interval, ?::timestamptz,
        ?::interval, ?::boolean)""";

  private static final String PUBLISH_MANY_ONCE = """
      select message, duplicate
      from howdah.publish_many_once(?, ?::text[], onces => ?::text[], ids => ?::text[]::uuid[], within => ?::interval,
        until_done => ?::boolean, topics => ?::text[], keys => ?::text[], headers => ?::text[],
        delays => ?::text[]::interval[], dues => ?::text[]::timestamptz[], ttls => ?::text[]::interval[])""";

  private static final String CREATE_QUEUE = """
      select howdah.create_queue(?)""";

  private static final String PUBLISH_BATCH = """
      select howdah.publish_batch(?::uuid, ?, ?::text[], ?::text[], ?::text[], ?::text[], ?::text[]::interval[],
        ?::text[]::timestamptz[], ?::text[]::interval[])""";

  private static final String SET_ONCE_WINDOW = """
      select 1 from howdah.set_once_window(?, ?::interval)""";

  private StreamFunctions() {
  }

  static UUID publish(Connection connection, String stream, Encoded message) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH)) {
      setMessage(statement, stream, message);
      return UUID.fromString(one(statement));
    }
  }

  static Receipt publishRouted(Connection connection, String stream, Encoded message) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH_ROUTED)) {
      setMessage(statement, stream, message);
      try (ResultSet rows = statement.executeQuery()) {
        List<String> subscriptions = new ArrayList<>();
        rows.next();
        UUID id = UUID.fromString(rows.getString(1));
        String became = rows.getString(3);
        if (became != null) {
          return new Receipt(id, subscriptions, StreamText.unroutable(became, String.valueOf(rows.getString(4))));
        }
        do {
          subscriptions.add(rows.getString(2));
        } while (rows.next());
        return new Receipt(id, subscriptions, null);
      }
    }
  }

  private static void setMessage(PreparedStatement statement, String stream, Encoded message) throws SQLException {
    statement.setString(1, stream);
    statement.setString(2, message.payload());
    statement.setString(3, message.topic());
    statement.setString(4, message.key());
    statement.setString(5, message.headers());
    statement.setString(6, message.delay());
    statement.setString(7, message.due());
    statement.setString(8, message.ttl());
  }

  static Published publishOnce(Connection connection, String stream, Encoded message, Once once) throws SQLException {
    UUID id = once.id();
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH_ONCE)) {
      statement.setString(1, stream);
      statement.setString(2, message.payload());
      statement.setString(3, once.key());
      statement.setString(4, id == null ? null : id.toString());
      statement.setString(5, Statements.interval(once.window()));
      statement.setString(6, message.topic());
      statement.setString(7, message.key());
      statement.setString(8, message.headers());
      statement.setString(9, message.delay());
      statement.setString(10, message.due());
      statement.setString(11, message.ttl());
      statement.setString(12, Boolean.toString(once.untilDone()));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return new Published(UUID.fromString(rows.getString(1)), rows.getBoolean(2));
      }
    }
  }

  static List<Published> publishManyOnce(Connection connection, String stream, List<Encoded> messages, List<Once> onces)
      throws SQLException {
    Columns columns = new Columns(messages);
    Once first = onces.getFirst();
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH_MANY_ONCE)) {
      statement.setString(1, stream);
      Statements.setTexts(statement, 2, columns.payloads);
      Statements.setTexts(statement, 3, onces.stream().map(Once::key).toArray(String[]::new));
      Statements.setTexts(statement, 4,
          onces.stream().map(once -> Objects.toString(once.id(), null)).toArray(String[]::new));
      statement.setString(5, Statements.interval(first.window()));
      statement.setString(6, Boolean.toString(first.untilDone()));
      Statements.setTexts(statement, 7, columns.topics);
      Statements.setTexts(statement, 8, columns.keys);
      Statements.setTexts(statement, 9, columns.headers);
      Statements.setTexts(statement, 10, columns.delays);
      Statements.setTexts(statement, 11, columns.dues);
      Statements.setTexts(statement, 12, columns.ttls);
      List<Published> published = new ArrayList<>(messages.size());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          published.add(new Published(UUID.fromString(rows.getString(1)), rows.getBoolean(2)));
        }
      }
      return published;
    }
  }

  static String createQueue(Connection connection, String queue) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, CREATE_QUEUE)) {
      statement.setString(1, queue);
      return one(statement);
    }
  }

  static String deduplicate(Connection connection, String stream, Duration window) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, SET_ONCE_WINDOW)) {
      statement.setString(1, stream);
      statement.setString(2, Statements.interval(window));
      return one(statement);
    }
  }

  static UUID[] publishMany(Connection connection, String stream, List<Encoded> messages) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH_MANY)) {
      setMessages(statement, 1, stream, messages);
      return Statements.uuids(one(statement), messages.size());
    }
  }

  /** The same batch again stores nothing again and gives the same ids. */
  static UUID[] publishBatch(Connection connection, UUID batch, String stream, List<Encoded> messages)
      throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH_BATCH)) {
      statement.setString(1, batch.toString());
      setMessages(statement, 2, stream, messages);
      return Statements.uuids(one(statement), messages.size());
    }
  }

  private static void setMessages(PreparedStatement statement, int from, String stream, List<Encoded> messages)
      throws SQLException {
    Columns columns = new Columns(messages);
    statement.setString(from, stream);
    Statements.setTexts(statement, from + 1, columns.payloads);
    Statements.setTexts(statement, from + 2, columns.topics);
    Statements.setTexts(statement, from + 3, columns.keys);
    Statements.setTexts(statement, from + 4, columns.headers);
    Statements.setTexts(statement, from + 5, columns.delays);
    Statements.setTexts(statement, from + 6, columns.dues);
    Statements.setTexts(statement, from + 7, columns.ttls);
  }

  private static String one(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getString(1);
    }
  }
}
