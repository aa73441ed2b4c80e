package io.howdah.cli;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which broker a command means: {@code --db}, else {@code --data}, else {@code HOWDAH_DB}, else {@code ./.howdah}. */
final class DatabaseOptions {

  /** The database that {@code howdah serve} makes. */
  static final String DATABASE = "howdah";

  private static final String VARIABLE = "HOWDAH_DB";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(names = "--db", paramLabel = "URL", description = "The PostgreSQL to use, as psql or JDBC take it; else that of"
      + " --data, else $" + VARIABLE + ", else that of .howdah here.")
  private @Nullable DatabaseUrl db;

  @Option(names = "--data", paramLabel = "DIR", description = "The data directory of a broker on this machine.")
  private @Nullable Path data;

  /** The database that the user has named by a URL. */
  Optional<DatabaseUrl> named() {
    if (db != null && data != null && command != null) {
      throw new ParameterException(command.commandLine(), "--db and --data exclude each other");
    }
    String variable = System.getenv(VARIABLE);
    if (db != null || data != null || variable == null || variable.isBlank()) {
      return Optional.ofNullable(db);
    }
    try {
      return Optional.of(DatabaseUrl.parse(variable));
    } catch (IllegalArgumentException e) {
      throw new HowdahException(ErrorCode.INVALID, VARIABLE + ": " + e.getMessage(), e);
    }
  }

  Path data() {
    return data == null ? Path.of(".howdah") : data;
  }

  /** The database that the user has named, else that of the running broker. */
  DatabaseUrl url() {
    return named().or(() -> EmbeddedPostgres.find(data()).map(running -> DatabaseUrl.parse(running.jdbcUrl(DATABASE))))
        .orElseThrow(() -> new HowdahException(ErrorCode.UNAVAILABLE, "no broker runs on " + data()
            + "; start one with howdah serve, or name a database with --db or " + VARIABLE));
  }
}
