package io.howdah.internal.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * How every statement of ours is made. No statement gets a name on the server:
 * behind a transaction pooler the next transaction may run on a backend that
 * has never heard of it.
 */
public final class Statements {

  private Statements() {
  }

  public static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      if (statement.isWrapperFor(PGStatement.class)) {
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      }
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }

  /** An array of text, or null; the statement casts it to what it needs. */
  public static void setTexts(PreparedStatement statement, int index, @Nullable String @Nullable [] texts)
      throws SQLException {
    if (texts == null) {
      statement.setNull(index, Types.NULL);
    } else {
      statement.setArray(index, statement.getConnection().createArrayOf("text", texts));
    }
  }

  /** An interval as text; PostgreSQL reads ISO 8601. */
  public static @Nullable String interval(@Nullable Duration duration) {
    return duration == null ? null : duration.toString();
  }

  /** The text of a timestamptz, whatever the session's time zone. */
  public static Instant instant(String text) {
    int length = text.length();
    boolean hoursOnly = length > 3 && (text.charAt(length - 3) == '+' || text.charAt(length - 3) == '-');
    String iso = text.replace(' ', 'T') + (hoursOnly ? ":00" : "");
    return OffsetDateTime.parse(iso).toInstant();
  }

  /** The elements of the text of a uuid array. */
  public static UUID[] uuids(String text, int expected) {
    UUID[] ids = new UUID[expected];
    int at = 1;
    for (int i = 0; i < expected; i++) {
      ids[i] = UUID.fromString(text.substring(at, at + 36));
      at += 37;
    }
    return ids;
  }
}
