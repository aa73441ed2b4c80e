package io.howdah.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Installs, verifies and removes schema {@code howdah} in one PostgreSQL
 * database (15 or newer). Needs no superuser and no extension: a role that may
 * create a schema, or owns an empty schema of that name, is enough.
 *
 * <p>
 * Safe for use by many threads and processes; installers of one database wait
 * for one another.
 */
public final class Schema {
  private static final String UNDEFINED_TABLE = "42P01";
  private static final String INVALID_SCHEMA = "3F000";

  private final DataSource dataSource;

  private Schema(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * The schema in the database that the given data source connects to. Nothing is
   * done yet.
   */
  public static Schema of(DataSource dataSource) {
    return new Schema(Objects.requireNonNull(dataSource, "dataSource"));
  }

  /**
   * The version of the schema that this Howdah installs: the number of its newest
   * migration.
   */
  public static int version() {
    return SchemaFiles.load().version();
  }

  /**
   * One SQL script that does what {@link #install()} does, transaction included;
   * {@code psql --file} can run it.
   */
  public static String print() {
    return new InstallScript(SchemaFiles.load()).print();
  }

  /**
   * Brings the database to this Howdah's schema: runs the migrations it lacks,
   * then replaces every function, in one transaction. Doing it again changes
   * nothing. A running broker goes on meanwhile; a table lock that is not to be
   * had within 10 s ends the attempt.
   *
   * @throws SchemaException
   *           if the server is too old, the schema is newer, damaged or somebody
   *           else's, or a right is missing
   */
  public void install() {
    List<InstallScript.Step> steps = new InstallScript(SchemaFiles.load()).steps();
    inTransaction("install", connection -> {
      for (InstallScript.Step step : steps) {
        execute(connection, step);
      }
      return steps.size();
    });
  }

  /**
   * Compares the database with this Howdah's files, and changes nothing.
   *
   * @throws SchemaException
   *           if the database cannot be read
   */
  public SchemaReport verify() {
    SchemaFiles files = SchemaFiles.load();
    return inTransaction("verify", connection -> new Comparison(files).compare(connection));
  }

  /**
   * Drops schema {@code howdah} with all it holds. Does nothing where there is
   * none.
   *
   * @param force
   *          also while messages wait, and although objects outside of the schema
   *          depend on it (they are dropped, too)
   * @throws SchemaException
   *           if messages wait or foreign objects are in the way and
   *           {@code force} is false, or if the schema is not ours
   */
  public void uninstall(boolean force) {
    inTransaction("uninstall", connection -> new Removal(connection, force).run());
  }

  /** Something that is done in one transaction. */
  @FunctionalInterface
  private interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  private <T> T inTransaction(String verb, Work<T> work) {
    try (Connection connection = dataSource.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      int prepareThreshold = setPrepareThreshold(connection, 0);
      connection.setAutoCommit(false);
      try {
        run(connection, "set transaction " + InstallScript.TRANSACTION);
        T result = work.run(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        rollback(connection, e);
        throw e;
      } finally {
        connection.setAutoCommit(autoCommit);
        setPrepareThreshold(connection, prepareThreshold);
      }
    } catch (SQLException e) {
      throw new SchemaException("cannot " + verb + " schema howdah: " + explain(e), e);
    }
  }

  /**
   * At 0 the driver names no statement on the server, not even its own COMMIT:
   * behind a transaction pooler that name would meet another connection's.
   * Returns what it was.
   */
  private static int setPrepareThreshold(Connection connection, int threshold) throws SQLException {
    if (!connection.isWrapperFor(PGConnection.class)) {
      return threshold;
    }
    PGConnection postgres = connection.unwrap(PGConnection.class);
    int before = postgres.getPrepareThreshold();
    postgres.setPrepareThreshold(threshold);
    return before;
  }

  private static void rollback(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private static void execute(Connection connection, InstallScript.Step step) throws SQLException {
    try {
      run(connection, step.sql());
    } catch (SQLException e) {
      throw new SchemaException("cannot install schema howdah: " + step.label() + ": " + explain(e), e);
    }
  }

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(sql);
    }
  }

  static List<String> texts(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        texts.add(Objects.requireNonNullElse(rows.getString(1), ""));
      }
      return texts;
    }
  }

  private static String explain(SQLException e) {
    ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    if (server == null) {
      return Objects.requireNonNullElse(e.getMessage(), "SQLSTATE " + e.getSQLState());
    }
    String hint = server.getHint();
    String advice = switch (Objects.requireNonNullElse(e.getSQLState(), "")) {
      case "55P03" -> "another session holds a lock on it; end that session's transaction and try again";
      case "25006" -> "connect to the primary server, this one is read-only";
      case UNDEFINED_TABLE, INVALID_SCHEMA -> "the schema is incomplete; run: howdah schema install";
      default -> hint;
    };
    return server.getMessage() + (advice == null ? "" : " (" + advice + ")");
  }
}
