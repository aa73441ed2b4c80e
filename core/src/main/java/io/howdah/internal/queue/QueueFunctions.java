package io.howdah.internal.queue;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.QueueState;
import io.howdah.SeekResult;
import io.howdah.StartPosition;
import io.howdah.internal.catalogue.StartText;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The functions that pause, purge, wake and look at a queue or subscription. */
public final class QueueFunctions {

  private static final String PAUSE = """
      select howdah.pause(?)""";
  private static final String RESUME = """
      select howdah.resume(?)""";
  private static final String WAKE = """
      select howdah.wake(?)""";
  private static final String PAUSED = """
      select paused from howdah.describe(?)""";
  private static final String STATE = """
      select state, at from howdah.state(?)""";
  private static final String PURGE = """
      select howdah.purge(?, ?, ?, ?::boolean)""";
  private static final String SEEK = """
      select position, replayed, skipped from howdah.seek(?, ?, ?::timestamptz, ?::bigint, ?::boolean)""";

  private interface Read<R> {
    R from(ResultSet row) throws SQLException;
  }

  private final Connections connections;

  public QueueFunctions(Connections connections) {
    this.connections = connections;
  }

  public boolean pause(String name) {
    return one(PAUSE, row -> row.getBoolean(1), name);
  }

  public boolean resume(String name) {
    return one(RESUME, row -> row.getBoolean(1), name);
  }

  public boolean wake(String name) {
    return one(WAKE, row -> row.getBoolean(1), name);
  }

  public boolean isPaused(String name) {
    return one(PAUSED, row -> row.getBoolean(1), name);
  }

  public QueueState state(String name) {
    return one(STATE, QueueFunctions::state, name);
  }

  private static QueueState state(ResultSet row) throws SQLException {
    String word = row.getString(1);
    return switch (word) {
      case "empty" -> QueueState.Empty.EMPTY;
      case "ready" -> QueueState.Ready.READY;
      case "later" -> new QueueState.Later(Statements.instant(row.getString(2)));
      default -> throw new HowdahException(ErrorCode.INTERNAL, "the database says that the state is " + word);
    };
  }

  public long purge(String name, @Nullable String topic, @Nullable String key, boolean dryRun) {
    return one(PURGE, row -> row.getLong(1), name, topic, key, Boolean.toString(dryRun));
  }

  public SeekResult seek(String name, StartPosition to, boolean dropUnsettled) {
    StartText start = StartText.of(to);
    return one(SEEK, row -> new SeekResult(row.getLong(1), row.getLong(2), row.getLong(3)), name, start.word(),
        start.time(), start.position(), Boolean.toString(dropUnsettled));
  }

  private <R> R one(String sql, Read<R> read, @Nullable String... arguments) {
    return connections.callSlow(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, sql)) {
        for (int i = 0; i < arguments.length; i++) {
          statement.setString(i + 1, arguments[i]);
        }
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          return read.from(rows);
        }
      }
    });
  }
}
