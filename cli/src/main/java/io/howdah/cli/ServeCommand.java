package io.howdah.cli;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.embedded.EmbeddedException;
import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.schema.Schema;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah serve}: a broker, that is a PostgreSQL with the schema in it and somebody who keeps house. */
@Command(name = "serve", sortOptions = false, description = {"Runs a broker until it is stopped by Ctrl-C or SIGTERM.",
    "",
    "Starts a PostgreSQL of its own whose data stays in --data, or uses the one of --db; installs or upgrades the schema;"
        + " keeps house. When all is ready, prints one line on stdout:",
    "  ready db=jdbc:postgresql://127.0.0.1:PORT/howdah?user=…&password=…",
    "The URL is complete: JDBC takes it as it is, psql takes it without jdbc:.", ""})
final class ServeCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final Duration MAINTENANCE_INTERVAL = Duration.ofSeconds(1);
  private static final Duration LOOK = Duration.ofSeconds(1);
  /** A server that ends more often than this, one time after the other, is not started again. */
  private static final int MAX_RESTARTS = 5;
  private static final Duration CALM = Duration.ofMinutes(1);

  @Spec
  private CommandSpec command = CommandSpec.create();

  @Mixin
  private DatabaseOptions database = new DatabaseOptions();

  @Option(names = "--port", paramLabel = "PORT", description = "The port of the PostgreSQL on 127.0.0.1; else the one it had last, else a free one.")
  private @Nullable Integer port;

  @Override
  public Integer call() throws InterruptedException {
    if (port != null && (port < 1 || port > 65_535)) {
      throw new ParameterException(command.commandLine(), "--port must be between 1 and 65535 but was " + port);
    }
    Optional<DatabaseUrl> named = database.named();
    if (named.isPresent() && port != null) {
      throw new ParameterException(command.commandLine(),
          "--port is for the PostgreSQL that serve starts itself, not for --db");
    }
    try (Signals signals = Signals.catching(GRACE, () -> LOG.debug("stopping"))) {
      if (named.isPresent()) {
        serve(named.get(), null, signals);
      } else {
        serveEmbedded(signals);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private void serveEmbedded(Signals signals) throws InterruptedException {
    EmbeddedOptions options = EmbeddedOptions.durable(database.data()).withPort(port == null ? 0 : port);
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(options)) {
      createDatabase(postgres.dataSource("postgres"));
      serve(DatabaseUrl.parse(postgres.jdbcUrl(DatabaseOptions.DATABASE)), postgres, signals);
    }
  }

  private static void createDatabase(DataSource maintenance) {
    try (Connection connection = maintenance.getConnection(); Statement statement = connection.createStatement()) {
      try (ResultSet found = statement
          .executeQuery("select from pg_database where datname = '" + DatabaseOptions.DATABASE + "'")) {
        if (found.next()) {
          return;
        }
      }
      statement.execute("create database " + DatabaseOptions.DATABASE);
    } catch (SQLException e) {
      throw new HowdahException(ErrorCode.UNAVAILABLE, "cannot make the database: " + e.getMessage(), e);
    }
  }

  private void serve(DatabaseUrl url, @Nullable EmbeddedPostgres postgres, Signals signals)
      throws InterruptedException {
    DataSource source = url.dataSource();
    Schema.of(source).install();
    try (Howdah housekeeping = Howdah.open(source,
        HowdahOptions.defaults().withMaintenanceInterval(MAINTENANCE_INTERVAL))) {
      PrintWriter out = command.commandLine().getOut();
      out.println("ready db=" + url.forJdbc());
      out.flush();
      if (Progress.onTerminal()) {
        command.commandLine().getErr().println("howdah: serving; Ctrl-C stops it");
      }
      watch(postgres, signals);
    }
  }

  /** Returns when a signal has come; starts a PostgreSQL that has died again. */
  private static void watch(@Nullable EmbeddedPostgres postgres, Signals signals) throws InterruptedException {
    int restarts = 0;
    long calmSince = System.nanoTime();
    while (!signals.await(LOOK)) {
      if (postgres == null || postgres.isRunning()) {
        continue;
      }
      restarts = System.nanoTime() - calmSince > CALM.toNanos() ? 1 : restarts + 1;
      if (restarts > MAX_RESTARTS) {
        throw new HowdahException(ErrorCode.UNAVAILABLE, "PostgreSQL on " + postgres.dataDirectory() + " has ended "
            + restarts + " times in a row; its log says why");
      }
      LOG.warn("PostgreSQL on {} has ended by itself; starting it again", postgres.dataDirectory());
      restart(postgres, signals);
      calmSince = System.nanoTime();
    }
  }

  private static void restart(EmbeddedPostgres postgres, Signals signals) {
    try {
      postgres.restart();
    } catch (EmbeddedException e) {
      if (!signals.raised()) {
        throw e;
      }
    }
  }
}
