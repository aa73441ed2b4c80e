package io.howdah.internal.recurring;

import io.howdah.Cron;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.RecurringMessage;
import io.howdah.internal.codec.HeaderText;
import io.howdah.internal.due.DueFunctions;
import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The functions of what is published again and again. */
public final class RecurringFunctions {

  private static final String CREATE = """
      select howdah.create_recurring(?, ?, ?, ?::json, ?, ?, ?, ?::json, ?)""";

  private static final String LIST = """
      select recurring, stream, cron, zone, missed, next, fired, fired_at, error, topic, key, headers, payload
      from howdah.recurring(?)""";

  private static final String PAUSE = """
      select howdah.pause_recurring(?)""";

  private static final String RESUME = """
      select howdah.resume_recurring(?)""";

  private static final String DROP = """
      select howdah.drop_recurring(?)""";

  private static final String NEXT = """
      select howdah.next_fire(?, ?, ?::timestamptz)""";

  private RecurringFunctions() {
  }

  /** Makes it or changes it; the next time, none while it is paused. */
  public static Optional<Instant> create(Connection connection, String name, String stream, Cron cron,
      Message<Json> message) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, CREATE)) {
      statement.setString(1, name);
      statement.setString(2, stream);
      statement.setString(3, cron.expression());
      statement.setString(4, message.payload().text());
      statement.setString(5, zone(cron.zone()));
      statement.setString(6, message.topic());
      statement.setString(7, message.key());
      statement.setString(8, HeaderText.encode(message.headers()));
      statement.setString(9, cron.missed().word());
      return instant(statement);
    }
  }

  public static List<RecurringMessage> list(Connection connection, @Nullable String name) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, LIST)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        List<RecurringMessage> messages = new ArrayList<>();
        while (rows.next()) {
          messages.add(read(rows));
        }
        return messages;
      }
    }
  }

  private static RecurringMessage read(ResultSet row) throws SQLException {
    Cron cron = new Cron(row.getString(3), ZoneId.of(row.getString(4)),
        Cron.Missed.valueOf(row.getString(5).toUpperCase(Locale.ROOT)));
    RecurringMessage.Past past = new RecurringMessage.Past(row.getLong(7), orNull(row.getString(8)), row.getString(9));
    Message<Json> content = Message.of(new Json(row.getString(13))).withTopic(row.getString(10))
        .withKey(row.getString(11)).withHeaders(HeaderText.decode(row.getString(12)));
    return new RecurringMessage(row.getString(1), row.getString(2), cron, orNull(row.getString(6)), past, content);
  }

  public static boolean pause(Connection connection, String name) throws SQLException {
    return isTrue(connection, PAUSE, name);
  }

  public static Instant resume(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, RESUME)) {
      statement.setString(1, name);
      return instant(statement).orElseThrow();
    }
  }

  public static boolean drop(Connection connection, String name) throws SQLException {
    return isTrue(connection, DROP, name);
  }

  public static Optional<Instant> next(Connection connection, Cron cron, Instant after) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, NEXT)) {
      statement.setString(1, cron.expression());
      statement.setString(2, zone(cron.zone()));
      statement.setString(3, DueFunctions.time(after));
      return instant(statement);
    }
  }

  private static String zone(ZoneId zone) {
    return zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId();
  }

  private static @Nullable Instant orNull(@Nullable String text) {
    return text == null ? null : Statements.instant(text);
  }

  private static Optional<Instant> instant(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      return rows.next() ? Optional.ofNullable(orNull(rows.getString(1))) : Optional.empty();
    }
  }

  private static boolean isTrue(Connection connection, String sql, String name) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, sql)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }
}
