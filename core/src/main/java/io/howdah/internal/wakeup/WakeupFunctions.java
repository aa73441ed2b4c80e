package io.howdah.internal.wakeup;

import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** The functions of the bell. */
final class WakeupFunctions {

  private static final String RING = """
      select howdah.ring(?::text[])""";

  private static final String MARK = """
      select howdah.mark_sleeping(?, ?::uuid, ?::interval)""";

  private static final String UNMARK = """
      select 1 from howdah.unmark_sleeping(?, ?::uuid)""";

  private static final String DUE_IN = """
      select ceil(extract(epoch from least(howdah.next_due(?), howdah.next_lapse(?)) - howdah.now()) * 1000000)::bigint""";

  private static final String PROMOTE = """
      select howdah.promote() where howdah.is_due()""";

  private static final String STREAM = """
      select stream from howdah.stats(?)""";

  private static final String NOTIFY = """
      select 1 from pg_notify('howdah', ?)""";

  private static final String PULSE = """
      select published, next_xid, pg_snapshot_xmin(snapshot)::text::bigint, snapshot::text from howdah.pulse()""";

  private static final String STIRRED = """
      select unnest(howdah.stirred(?::int[], ?::interval))""";

  /** What has happened in the database, to be compared with what had before. */
  record Pulse(long published, long nextXid, long xmin, String snapshot) {
  }

  private WakeupFunctions() {
  }

  /**
   * Wakes the sleeping subscriptions of the streams in all processes; returns how
   * many there were.
   */
  static int ring(Connection connection, Collection<String> streams) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, RING)) {
      Statements.setTexts(statement, 1, streams.toArray(String[]::new));
      return (int) number(statement, 0);
    }
  }

  /**
   * Says that this process sleeps on the subscription; returns the id by which it
   * is rung.
   */
  static int mark(Connection connection, String subscription, UUID process, Duration ttl) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, MARK)) {
      statement.setString(1, subscription);
      statement.setString(2, process.toString());
      statement.setString(3, Statements.interval(ttl));
      return (int) number(statement, 0);
    }
  }

  static long unmark(Connection connection, String subscription, UUID process) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, UNMARK)) {
      statement.setString(1, subscription);
      statement.setString(2, process.toString());
      return number(statement, 0);
    }
  }

  /**
   * Microseconds until a scheduled message falls due or a lease lapses; a long
   * time if there is none.
   */
  static long dueInMicros(Connection connection, String subscription) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, DUE_IN)) {
      statement.setString(1, subscription);
      statement.setString(2, subscription);
      return number(statement, Long.MAX_VALUE);
    }
  }

  /** Moves what is due into the log, if there is any; returns how much. */
  static long promote(Connection connection) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PROMOTE)) {
      return number(statement, 0);
    }
  }

  /**
   * The stream that the subscription reads, or its own name if there is no such
   * subscription.
   */
  static String stream(Connection connection, String subscription) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, STREAM)) {
      statement.setString(1, subscription);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getString(1) : subscription;
      }
    }
  }

  static long notify(Connection connection, String payload) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, NOTIFY)) {
      statement.setString(1, payload);
      return number(statement, 0);
    }
  }

  static Pulse pulse(Connection connection) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, PULSE);
        ResultSet rows = statement.executeQuery()) {
      rows.next();
      return new Pulse(rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getString(4));
    }
  }

  /** Which of the subscriptions have something to look at, or will have soon. */
  static List<Integer> stirred(Connection connection, List<Integer> subscriptions, Duration soon) throws SQLException {
    List<Integer> stirred = new ArrayList<>();
    try (PreparedStatement statement = Statements.prepare(connection, STIRRED)) {
      Statements.setTexts(statement, 1, subscriptions.stream().map(String::valueOf).toArray(String[]::new));
      statement.setString(2, Statements.interval(soon));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          stirred.add(rows.getInt(1));
        }
      }
    }
    return stirred;
  }

  private static long number(PreparedStatement statement, long ifNull) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      if (!rows.next()) {
        return ifNull;
      }
      long value = rows.getLong(1);
      return rows.wasNull() ? ifNull : value;
    }
  }
}
