package io.howdah.internal.subscription;

import io.howdah.Ordering;
import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a worker has to know about its subscription.
 *
 * @param database
 *          the identity of the database that has it; null if that is a standby
 */
record Terms(Ordering ordering, @Nullable String database) {

  private static final String READ = """
      select upper(options ->> 'ordering'), (options ->> 'blocking')::boolean, howdah.database_identity()
      from howdah.describe(?)""";

  private static final String IS_DROPPED = """
      select howdah.is_dropped(?, ?)""";

  static Terms read(Connection connection, String subscription) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, READ)) {
      statement.setString(1, subscription);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return new Terms(new Ordering(Ordering.Order.valueOf(rows.getString(1)), rows.getBoolean(2)),
            rows.getString(3));
      }
    }
  }

  /** Whether the subscription is gone from the database of this identity, and it is that one that says so. */
  static boolean isDropped(Connection connection, String subscription, String database) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, IS_DROPPED)) {
      statement.setString(1, subscription);
      statement.setString(2, database);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }
}
