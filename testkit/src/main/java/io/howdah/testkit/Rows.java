package io.howdah.testkit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a statement, for a test's assertions.
 *
 * @param values one list per row; a value may be null
 */
public record Rows(List<List<@Nullable Object>> values) {
  static final Rows NONE = new Rows(List.of());

  /**
   * Runs a statement, or several if there are no arguments, on this connection.
   *
   * @return the rows of the last one that has any
   */
  public static Rows of(Connection connection, String sql, @Nullable Object... arguments) throws SQLException {
    if (arguments.length == 0) {
      try (Statement statement = connection.createStatement()) {
        statement.setEscapeProcessing(false);
        return last(statement, statement.execute(sql));
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setObject(i + 1, arguments[i]);
      }
      return last(statement, statement.execute());
    }
  }

  private static Rows last(Statement statement, boolean isResultSet) throws SQLException {
    Rows rows = NONE;
    boolean hasRows = isResultSet;
    while (hasRows || statement.getUpdateCount() != -1) {
      if (hasRows) {
        rows = read(statement.getResultSet());
      }
      hasRows = statement.getMoreResults();
    }
    return rows;
  }

  private static Rows read(ResultSet results) throws SQLException {
    int columns = results.getMetaData().getColumnCount();
    List<List<@Nullable Object>> values = new ArrayList<>();
    while (results.next()) {
      List<@Nullable Object> row = new ArrayList<>(columns);
      for (int i = 1; i <= columns; i++) {
        row.add(results.getObject(i));
      }
      values.add(Collections.unmodifiableList(row));
    }
    return new Rows(Collections.unmodifiableList(values));
  }

  /** The number of rows. */
  public int size() {
    return values.size();
  }

  /** The first column of each row, as text; SQL null as "null". */
  public List<String> texts() {
    return values.stream().map(row -> String.valueOf(row.getFirst())).toList();
  }

  /** The first column of the only row, as text. */
  public String text() {
    if (values.size() != 1) {
      throw new AssertionError("one row was expected, but there are " + values.size());
    }
    return texts().getFirst();
  }

  /** The first column of the only row, as a number. */
  public long number() {
    return Long.parseLong(text());
  }
}
