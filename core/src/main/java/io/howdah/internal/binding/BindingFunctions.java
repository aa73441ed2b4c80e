package io.howdah.internal.binding;

import io.howdah.Route;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.SqlErrors;
import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The functions that bind subscriptions to topics, each on a borrowed connection or in the caller's transaction. */
public final class BindingFunctions {

  private static final String BIND = """
      select howdah.bind(?, ?)""";
  private static final String UNBIND = """
      select howdah.unbind(?, ?)""";
  private static final String SET = """
      select howdah.set_bindings(?, ?::text[])""";
  private static final String LIST = """
      select pattern from howdah.bindings(?)""";
  private static final String ROUTE = """
      select r.subscription, p.pattern, r.why
      from howdah.route(?, ?) with ordinality r (subscription, patterns, why, no)
        left join lateral unnest(r.patterns) with ordinality p (pattern, no) on true
      order by r.no, p.no""";

  /** Where a statement runs. */
  private interface Runner {
    <R> R run(Connections.Work<R> work);
  }

  private final Runner runner;

  private BindingFunctions(Runner runner) {
    this.runner = runner;
  }

  public static BindingFunctions of(Connections connections) {
    return new BindingFunctions(connections::call);
  }

  public static BindingFunctions in(Connection caller) {
    return new BindingFunctions(new Runner() {
      @Override
      public <R> R run(Connections.Work<R> work) {
        try {
          return work.run(caller);
        } catch (SQLException e) {
          throw SqlErrors.translate(e);
        }
      }
    });
  }

  public boolean bind(String subscription, String pattern) {
    return changed(BIND, subscription, pattern);
  }

  public boolean unbind(String subscription, String pattern) {
    return changed(UNBIND, subscription, pattern);
  }

  private boolean changed(String sql, String subscription, String pattern) {
    return runner.run(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, sql)) {
        statement.setString(1, subscription);
        statement.setString(2, pattern);
        return isTrue(statement);
      }
    });
  }

  /** Null: everything. */
  public boolean set(String subscription, @Nullable Collection<String> patterns) {
    return runner.run(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, SET)) {
        statement.setString(1, subscription);
        Statements.setTexts(statement, 2, patterns == null ? null : patterns.toArray(String[]::new));
        return isTrue(statement);
      }
    });
  }

  public List<String> list(String subscription) {
    return runner.run(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, LIST)) {
        statement.setString(1, subscription);
        try (ResultSet rows = statement.executeQuery()) {
          List<String> patterns = new ArrayList<>();
          while (rows.next()) {
            patterns.add(rows.getString(1));
          }
          return patterns;
        }
      }
    });
  }

  public List<Route> route(String stream, @Nullable String topic) {
    return runner.run(connection -> {
      try (PreparedStatement statement = Statements.prepare(connection, ROUTE)) {
        statement.setString(1, stream);
        statement.setString(2, topic);
        try (ResultSet rows = statement.executeQuery()) {
          return routes(rows);
        }
      }
    });
  }

  private static List<Route> routes(ResultSet rows) throws SQLException {
    List<Route> routes = new ArrayList<>();
    while (rows.next()) {
      String subscription = rows.getString(1);
      String pattern = rows.getString(2);
      List<String> patterns = new ArrayList<>();
      if (!routes.isEmpty() && routes.getLast().subscription().equals(subscription)) {
        patterns.addAll(routes.removeLast().patterns());
      }
      if (pattern != null) {
        patterns.add(pattern);
      }
      routes.add(new Route(subscription, patterns, rows.getString(3)));
    }
    return routes;
  }

  private static boolean isTrue(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      return rows.next() && rows.getBoolean(1);
    }
  }
}
