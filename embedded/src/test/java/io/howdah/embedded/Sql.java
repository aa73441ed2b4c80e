package io.howdah.embedded;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Statements on a server under test. */
final class Sql {
  private Sql() {
  }

  static void run(EmbeddedPostgres server, String sql) throws SQLException {
    try (Connection connection = server.dataSource("postgres").getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of the first row. */
  static String value(EmbeddedPostgres server, String sql) throws SQLException {
    try (Connection connection = server.dataSource("postgres").getConnection();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
