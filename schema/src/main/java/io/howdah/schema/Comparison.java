package io.howdah.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Compares what the database holds with the files. Single use. */
final class Comparison {
  private static final String FUNCTIONS = """
      select p.proname, format('howdah.%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), p.prosrc
      from pg_catalog.pg_proc p
      where p.pronamespace = to_regnamespace('howdah')
      """;
  private static final String MIGRATIONS = "select number, name, checksum from howdah.migration order by number";

  private final SchemaFiles files;
  private final List<String> missing = new ArrayList<>();
  private final List<String> changed = new ArrayList<>();
  private final List<String> foreign = new ArrayList<>();

  Comparison(SchemaFiles files) {
    this.files = files;
  }

  SchemaReport compare(Connection connection) throws SQLException {
    int version = compareMigrations(connection);
    compareFunctions(connection);
    return new SchemaReport(version, files.version(), sorted(missing), sorted(changed), sorted(foreign));
  }

  private int compareMigrations(Connection connection) throws SQLException {
    Map<Integer, Migration> unseen = new TreeMap<>();
    files.migrations().forEach(migration -> unseen.put(migration.number(), migration));
    int version = 0;
    if (isInstalled(connection)) {
      try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(MIGRATIONS)) {
        while (rows.next()) {
          version = rows.getInt("number");
          Migration known = unseen.remove(version);
          if (known == null) {
            foreign.add("migration %04d_%s".formatted(version, rows.getString("name")));
          } else if (!known.checksum().equals(rows.getString("checksum"))) {
            changed.add(known.label());
          }
        }
      }
    }
    unseen.values().forEach(migration -> missing.add(migration.label()));
    return version;
  }

  static boolean isInstalled(Connection connection) throws SQLException {
    return !Schema.texts(connection, "select 1 where to_regclass('howdah.migration') is not null").isEmpty();
  }

  /**
   * A name may occur twice in the database, when an older release had other
   * arguments: that one is foreign.
   */
  private void compareFunctions(Connection connection) throws SQLException {
    Map<String, Map<String, String>> found = functionsInDatabase(connection);
    for (FunctionFile file : files.functions()) {
      Map<String, String> bodies = found.getOrDefault(file.name(), new HashMap<>());
      found.remove(file.name());
      String same = bodies.entrySet().stream().filter(entry -> entry.getValue().equals(file.body()))
          .map(Map.Entry::getKey).findFirst().orElse("");
      if (bodies.isEmpty()) {
        missing.add("howdah." + file.name());
      } else if (same.isEmpty()) {
        changed.addAll(bodies.keySet());
      } else {
        bodies.remove(same);
        foreign.addAll(bodies.keySet());
      }
    }
    found.values().forEach(bodies -> foreign.addAll(bodies.keySet()));
  }

  private static Map<String, Map<String, String>> functionsInDatabase(Connection connection) throws SQLException {
    Map<String, Map<String, String>> found = new TreeMap<>();
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(FUNCTIONS)) {
      while (rows.next()) {
        String body = Objects.requireNonNullElse(rows.getString(3), "").replace("\r\n", "\n");
        found.computeIfAbsent(rows.getString(1), name -> new TreeMap<>()).put(rows.getString(2), body);
      }
    }
    return found;
  }

  private static List<String> sorted(Collection<String> names) {
    return names.stream().sorted().toList();
  }
}
