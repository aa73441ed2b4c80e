package io.howdah.benchmarks;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The database to measure; an embedded one is stopped and removed when this is closed. */
record Target(DataSource source, @Nullable EmbeddedPostgres postgres) implements AutoCloseable {

  /** The one that {@code PGHOST} and its like name, if any of them does; else an embedded one for this run. */
  static Target find(Map<String, String> environment) {
    return environment.containsKey("PGHOST") || environment.containsKey("PGPORT")
        || environment.containsKey("PGDATABASE") ? named(environment) : embedded();
  }

  private static Target named(Map<String, String> environment) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    String user = environment.getOrDefault("PGUSER", System.getProperty("user.name"));
    source.setServerNames(new String[]{environment.getOrDefault("PGHOST", "localhost")});
    source.setPortNumbers(new int[]{port(environment.getOrDefault("PGPORT", "5432"))});
    source.setUser(user);
    source.setPassword(environment.get("PGPASSWORD"));
    source.setDatabaseName(environment.getOrDefault("PGDATABASE", user));
    return new Target(source, null);
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new HowdahException(ErrorCode.INVALID, "PGPORT must be a number but was \"" + text + "\"", e);
    }
  }

  private static Target embedded() {
    EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedOptions.ephemeral().withSetting("fsync", "on")
        .withSetting("synchronous_commit", "on").withSetting("full_page_writes", "on")
        .withSetting("shared_buffers", "1GB").withSetting("max_wal_size", "4GB"));
    return new Target(postgres.dataSource("postgres"), postgres);
  }

  @Override
  public void close() {
    if (postgres != null) {
      postgres.close();
    }
  }
}
