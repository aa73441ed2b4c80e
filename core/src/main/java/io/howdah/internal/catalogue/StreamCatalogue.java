package io.howdah.internal.catalogue;

import io.howdah.StreamOptions;
import io.howdah.StreamStats;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What holds for the messages of a stream, also of a queue's own one. */
public final class StreamCatalogue {

  private static final String CREATE = """
      select howdah.create_stream(?, options => ?::json)""";
  private static final String ALTER = """
      select howdah.alter_stream(?, ?::json)""";
  private static final String DESCRIBE = """
      select stream, kind, options::text, published, unroutable from howdah.describe_stream(?)""";

  private final Connections connections;

  public StreamCatalogue(Connections connections) {
    this.connections = connections;
  }

  public void create(String name, StreamOptions options) {
    run(CREATE, name, options);
  }

  public void alter(String name, StreamOptions options) {
    run(ALTER, name, options);
  }

  private void run(String sql, String name, StreamOptions options) {
    connections.call(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, sql)) {
        statement.setString(1, name);
        statement.setString(2, StreamText.encode(options));
        return statement.execute();
      }
    });
  }

  /** Of one, or of all. */
  public List<StreamStats> describe(@Nullable String name) {
    return connections.call(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, DESCRIBE)) {
        statement.setString(1, name);
        try (ResultSet rows = statement.executeQuery()) {
          List<StreamStats> streams = new ArrayList<>();
          while (rows.next()) {
            streams.add(new StreamStats(rows.getString(1), rows.getString(2), StreamText.decode(rows.getString(3)),
                rows.getLong(4), rows.getLong(5)));
          }
          return streams;
        }
      }
    });
  }
}
