package io.howdah.internal.letter;

import io.howdah.LetterFilter;
import io.howdah.internal.codec.HeaderText;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How the functions about letters are called: all their arguments are text, and cast in the statement. */
final class LetterCalls {

  /** Makes something of a row. */
  @FunctionalInterface
  interface Reader<R> {
    R read(ResultSet row) throws SQLException;
  }

  private final Connections connections;

  LetterCalls(Connections connections) {
    this.connections = connections;
  }

  <R> List<R> rows(String sql, String what, Reader<R> reader, @Nullable String... arguments) {
    return connections.commitSlow(what, connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, sql)) {
        for (int i = 0; i < arguments.length; i++) {
          statement.setString(i + 1, arguments[i]);
        }
        try (ResultSet rows = statement.executeQuery()) {
          List<R> read = new ArrayList<>();
          while (rows.next()) {
            read.add(reader.read(rows));
          }
          return read;
        }
      }
    });
  }

  /** The text of the only row. */
  String one(String sql, String what, @Nullable String... arguments) {
    return rows(sql, what, row -> row.getString(1), arguments).getFirst();
  }

  /** A filter as the database takes it. */
  static String text(LetterFilter filter) {
    Map<String, String> texts = new LinkedHashMap<>();
    put(texts, "reason", filter.reason());
    put(texts, "topic", filter.topic());
    put(texts, "key", filter.key());
    put(texts, "since", filter.since());
    put(texts, "until", filter.until());
    put(texts, "text", filter.text());
    String others = HeaderText.encode(texts);
    if (filter.ids().isEmpty()) {
      return others == null ? "{}" : others;
    }
    String ids = filter.ids().stream().map(id -> "\"" + id + "\"")
        .collect(Collectors.joining(", ", "{\"ids\": [", "]"));
    return others == null ? ids + "}" : ids + ", " + others.substring(1);
  }

  private static void put(Map<String, String> texts, String name, @Nullable Object value) {
    if (value != null) {
      texts.put(name, value.toString());
    }
  }
}
