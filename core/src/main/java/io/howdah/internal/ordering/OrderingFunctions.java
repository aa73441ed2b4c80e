package io.howdah.internal.ordering;

import io.howdah.BlockedKey;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The functions that list blocked keys and decide about them. */
public final class OrderingFunctions {

  private static final String LIST = """
      select key, "position", id, topic, attempts, nullif(due, 'infinity'), reason, error, first_failed_at, failed_at,
        waiting
      from howdah.blocked_keys(?, ?)""";
  private static final String RETRY = """
      select 1 from howdah.retry_blocked(?, ?)""";
  private static final String SKIP = """
      select 1 from howdah.skip_blocked(?, ?)""";
  private static final String PARK = """
      select 1 from howdah.park_blocked(?, ?)""";
  private static final String REJECT = """
      select 1 from howdah.reject_blocked(?, ?, ?)""";

  private final Connections connections;

  public OrderingFunctions(Connections connections) {
    this.connections = connections;
  }

  public List<BlockedKey> list(String subscription, int quantity) {
    return connections.call(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, LIST)) {
        statement.setString(1, subscription);
        statement.setInt(2, quantity);
        try (ResultSet rows = statement.executeQuery()) {
          List<BlockedKey> keys = new ArrayList<>();
          while (rows.next()) {
            keys.add(read(rows));
          }
          return keys;
        }
      }
    });
  }

  private static BlockedKey read(ResultSet row) throws SQLException {
    return new BlockedKey(row.getString(1), row.getLong(2), UUID.fromString(row.getString(3)), row.getString(4),
        row.getInt(5), instant(row, 6), row.getString(7), row.getString(8), Objects.requireNonNull(instant(row, 9)),
        Objects.requireNonNull(instant(row, 10)), row.getLong(11));
  }

  private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    String text = row.getString(column);
    return text == null ? null : Statements.instant(text);
  }

  public void retry(String subscription, @Nullable String key) {
    run(RETRY, subscription, key);
  }

  public void skip(String subscription, @Nullable String key) {
    run(SKIP, subscription, key);
  }

  public void park(String subscription, @Nullable String key) {
    run(PARK, subscription, key);
  }

  public void reject(String subscription, @Nullable String key, String reason) {
    run(REJECT, subscription, key, reason);
  }

  private void run(String sql, @Nullable String... arguments) {
    boolean unused = connections.call(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, sql)) {
        for (int i = 0; i < arguments.length; i++) {
          statement.setString(i + 1, arguments[i]);
        }
        return statement.execute();
      }
    });
  }
}
