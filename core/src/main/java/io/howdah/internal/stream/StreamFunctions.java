package io.howdah.internal.stream;

import io.howdah.Bytes;
import io.howdah.Json;
import io.howdah.Once;
import io.howdah.Payload;
import io.howdah.Published;
import io.howdah.Receipt;
import io.howdah.internal.catalogue.StreamText;
import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** The functions that put messages into a stream. */
final class StreamFunctions {

  private static final String PUBLISH = """
      select howdah.publish(topic => ?, key => ?, headers => ?::json, delay => ?::interval, due => ?::timestamptz,
        ttl => ?::interval, stream => ?, payload => ?::json)""";

  private static final String PUBLISH_BYTES = """
      select howdah.publish_bytes(topic => ?, key => ?, headers => ?::json, delay => ?::interval, due => ?::timestamptz,
        ttl => ?::interval, stream => ?, body => ?, content_type => ?)""";

  private static final String PUBLISH_ROUTED = """
      select p.message, s.subscription, p.became, p.parked_in
      from howdah.publish_routed(topic => ?, key => ?, headers => ?::json, delay => ?::interval, due => ?::timestamptz,
        ttl => ?::interval, stream => ?, payload => ?::json, body => ?, content_type => ?) p
        left join lateral unnest(p.subscriptions) s (subscription) on true""";

  private static final String PUBLISH_MANY = """
      select howdah.publish_many(?, ?::text[], ?::text[], ?::text[], ?::text[], ?::text[]::interval[],
        ?::text[]::timestamptz[], ?::text[]::interval[], ?::bytea[], ?::text[])""";

  private static final String PUBLISH_ONCE = """
      select message, duplicate
      from howdah.publish_once(topic => ?, key => ?, headers => ?::json, delay => ?::interval, due => ?::timestamptz,
        ttl => ?::interval, stream => ?, payload => ?::json, body => ?, content_type => ?, once => ?, id => ?::uuid,
        within => ?::interval, until_done => ?::boolean)""";

  private static final String PUBLISH_MANY_ONCE = """
      select message, duplicate
      from howdah.publish_many_once(?, ?::text[], onces => ?::text[], ids => ?::text[]::uuid[], within => ?::interval,
        until_done => ?::boolean, topics => ?::text[], keys => ?::text[], headers => ?::text[],
        delays => ?::text[]::interval[], dues => ?::text[]::timestamptz[], ttls => ?::text[]::interval[], bodies => ?::bytea[],
        content_types => ?::text[])""";

  private static final String CREATE_QUEUE = """
      select howdah.create_queue(?)""";

  private static final String PUBLISH_BATCH = """
      select howdah.publish_batch(?::uuid, ?, ?::text[], ?::text[], ?::text[], ?::text[], ?::text[]::interval[],
        ?::text[]::timestamptz[], ?::text[]::interval[], ?::bytea[], ?::text[])""";

  private static final String SET_ONCE_WINDOW = """
      select 1 from howdah.set_once_window(?, ?::interval)""";

  private StreamFunctions() {
  }

  static UUID publish(Connection connection, String stream, Encoded message) throws SQLException {
    Payload payload = message.payload();
    try (PreparedStatement statement = Statements.prepare(connection,
        payload instanceof Json ? PUBLISH : PUBLISH_BYTES)) {
      setMessage(statement, stream, message);
      switch (payload) {
        case Json json -> statement.setString(8, json.text());
        case Bytes bytes -> setBytes(statement, 8, bytes);
      }
      return UUID.fromString(one(statement));
    }
  }

  static Receipt publishRouted(Connection connection, String stream, Encoded message) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH_ROUTED)) {
      setMessage(statement, stream, message);
      setPayload(statement, message.payload());
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

  /** All but the payload. */
  private static void setMessage(PreparedStatement statement, String stream, Encoded message) throws SQLException {
    statement.setString(1, message.topic());
    statement.setString(2, message.key());
    statement.setString(3, message.headers());
    statement.setString(4, message.delay());
    statement.setString(5, message.due());
    statement.setString(6, message.ttl());
    statement.setString(7, stream);
  }

  /** Either of both, and null for the other. */
  private static void setPayload(PreparedStatement statement, Payload payload) throws SQLException {
    switch (payload) {
      case Json json -> {
        statement.setString(8, json.text());
        statement.setNull(9, Types.BINARY);
        statement.setNull(10, Types.VARCHAR);
      }
      case Bytes bytes -> {
        statement.setNull(8, Types.VARCHAR);
        setBytes(statement, 9, bytes);
      }
    }
  }

  private static void setBytes(PreparedStatement statement, int from, Bytes bytes) throws SQLException {
    statement.setBytes(from, bytes.content());
    statement.setString(from + 1, bytes.contentType());
  }

  static Published publishOnce(Connection connection, String stream, Encoded message, Once once) throws SQLException {
    UUID id = once.id();
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH_ONCE)) {
      setMessage(statement, stream, message);
      setPayload(statement, message.payload());
      statement.setString(11, once.key());
      statement.setString(12, id == null ? null : id.toString());
      statement.setString(13, Statements.interval(once.window()));
      statement.setString(14, Boolean.toString(once.untilDone()));
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
      setBodies(statement, 13, columns);
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
    setBodies(statement, from + 8, columns);
  }

  private static void setBodies(PreparedStatement statement, int from, Columns columns) throws SQLException {
    if (columns.bodies == null) {
      statement.setNull(from, Types.NULL);
    } else {
      statement.setArray(from, statement.getConnection().createArrayOf("bytea", columns.bodies));
    }
    Statements.setTexts(statement, from + 1, columns.contentTypes);
  }

  private static String one(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getString(1);
    }
  }
}
