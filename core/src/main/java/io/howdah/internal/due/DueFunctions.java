package io.howdah.internal.due;

import io.howdah.Message;
import io.howdah.ScheduledMessage;
import io.howdah.internal.codec.HeaderText;
import io.howdah.internal.codec.Payloads;
import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The functions that look at what waits for its time, take it back, or give it another time. */
public final class DueFunctions {

  private static final String SCHEDULED = """
      select id, subscription, due, attempt, topic, key, headers, payload, reason, body, content_type, error
      from howdah.scheduled(?, ?::uuid, ?)""";

  private static final String CANCEL = """
      select howdah.cancel_scheduled(?, ?::uuid, ?)""";

  private static final String RESCHEDULE = """
      select howdah.reschedule(?, ?::uuid, ?::timestamptz, ?)""";

  private DueFunctions() {
  }

  /** The text of a time, rounded up to the microseconds that the database keeps: nothing may come early. */
  public static String time(Instant time) {
    Instant micros = time.truncatedTo(ChronoUnit.MICROS);
    return (micros.equals(time) ? micros : micros.plus(1, ChronoUnit.MICROS)).toString();
  }

  public static List<ScheduledMessage> scheduled(Connection connection, String stream, @Nullable UUID id, int quantity)
      throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, SCHEDULED)) {
      statement.setString(1, stream);
      statement.setString(2, id == null ? null : id.toString());
      statement.setInt(3, quantity);
      try (ResultSet rows = statement.executeQuery()) {
        List<ScheduledMessage> messages = new ArrayList<>();
        while (rows.next()) {
          messages.add(read(rows));
        }
        return messages;
      }
    }
  }

  private static ScheduledMessage read(ResultSet row) throws SQLException {
    return new ScheduledMessage(UUID.fromString(row.getString(1)), row.getString(2),
        Statements.instant(row.getString(3)), row.getInt(4), row.getString(9), row.getString(12),
        new Message<>(Payloads.read(row, 8, 10), row.getString(5), row.getString(6),
            HeaderText.decode(row.getString(7)), Duration.ZERO, null));
  }

  public static boolean cancel(Connection connection, String stream, UUID id, @Nullable String subscription)
      throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, CANCEL)) {
      statement.setString(1, stream);
      statement.setString(2, id.toString());
      statement.setString(3, subscription);
      return isTrue(statement);
    }
  }

  public static boolean reschedule(Connection connection, String stream, UUID id, @Nullable String subscription,
      Instant due) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, RESCHEDULE)) {
      statement.setString(1, stream);
      statement.setString(2, id.toString());
      statement.setString(3, time(due));
      statement.setString(4, subscription);
      return isTrue(statement);
    }
  }

  private static boolean isTrue(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      return rows.next() && rows.getBoolean(1);
    }
  }
}
