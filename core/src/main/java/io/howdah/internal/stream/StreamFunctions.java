package io.howdah.internal.stream;

import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/** The functions that put messages into a stream. */
final class StreamFunctions {

  private static final String PUBLISH = """
      select howdah.publish(?, ?::json, ?, ?, ?::json, ?::interval, ?::timestamptz)""";

  private static final String PUBLISH_MANY = """
      select howdah.publish_many(?, ?::text[], ?::text[], ?::text[], ?::text[], ?::text[]::interval[],
        ?::text[]::timestamptz[])""";

  private StreamFunctions() {
  }

  static UUID publish(Connection connection, String stream, Encoded message) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH)) {
      statement.setString(1, stream);
      statement.setString(2, message.payload());
      statement.setString(3, message.topic());
      statement.setString(4, message.key());
      statement.setString(5, message.headers());
      statement.setString(6, message.delay());
      statement.setString(7, message.due());
      return UUID.fromString(one(statement));
    }
  }

  static UUID[] publishMany(Connection connection, String stream, List<Encoded> messages) throws SQLException {
    Columns columns = new Columns(messages);
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH_MANY)) {
      statement.setString(1, stream);
      Statements.setTexts(statement, 2, columns.payloads);
      Statements.setTexts(statement, 3, columns.topics);
      Statements.setTexts(statement, 4, columns.keys);
      Statements.setTexts(statement, 5, columns.headers);
      Statements.setTexts(statement, 6, columns.delays);
      Statements.setTexts(statement, 7, columns.dues);
      return Statements.uuids(one(statement), messages.size());
    }
  }

  private static String one(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getString(1);
    }
  }
}
