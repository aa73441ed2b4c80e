package io.howdah.internal.stream;

import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The functions that put messages into a stream. */
final class StreamFunctions {

  private static final String PUBLISH = """
      select howdah.publish(?, ?::json, ?, ?, ?::json, ?::interval)""";

  private static final String PUBLISH_MANY = """
      select howdah.publish_many(?, ?::text[], ?::text[], ?::text[], ?::text[], ?::text[]::interval[])""";

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
      return UUID.fromString(one(statement));
    }
  }

  static UUID[] publishMany(Connection connection, String stream, List<Encoded> messages) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PUBLISH_MANY)) {
      statement.setString(1, stream);
      Statements.setTexts(statement, 2, column(messages, Encoded::payload));
      Statements.setTexts(statement, 3, column(messages, Encoded::topic));
      Statements.setTexts(statement, 4, column(messages, Encoded::key));
      Statements.setTexts(statement, 5, column(messages, Encoded::headers));
      Statements.setTexts(statement, 6, column(messages, Encoded::delay));
      return Statements.uuids(one(statement), messages.size());
    }
  }

  private static String one(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** One column of the messages, or null if none has it. */
  private static @Nullable String @Nullable [] column(List<Encoded> messages,
      Function<Encoded, @Nullable String> part) {
    @Nullable
    String @Nullable [] column = null;
    for (int i = 0; i < messages.size(); i++) {
      String value = part.apply(messages.get(i));
      if (value != null) {
        if (column == null) {
          column = new String[messages.size()];
        }
        column[i] = value;
      }
    }
    return column;
  }
}
