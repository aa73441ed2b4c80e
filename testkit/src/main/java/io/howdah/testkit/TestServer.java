package io.howdah.testkit;

import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.schema.Schema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A throw-away PostgreSQL with a template database in which the schema is installed; a copy of it is a matter of a tenth of a second.
 * There is one such server per JVM (and one per other set of binaries, if a test asks for it), stopped when the JVM ends. Safe for use
 * by many threads.
 */
public final class TestServer {
  private static final String TEMPLATE = "howdah_template";
  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Map<String, TestServer> SERVERS = new HashMap<>();

  private final EmbeddedPostgres postgres;
  private final AtomicInteger databases = new AtomicInteger();

  private TestServer(EmbeddedPostgres postgres) {
    this.postgres = postgres;
  }

  /** This JVM's server, on the newest PostgreSQL that Howdah's binaries have; started by the first call. */
  public static TestServer shared() {
    return running(null);
  }

  /** This JVM's server on other binaries: a jar of {@code io.zonky.test.postgres}. */
  public static TestServer withBinaries(Path jar) {
    return running(jar);
  }

  private static TestServer running(@Nullable Path binaries) {
    LOCK.lock();
    try {
      return SERVERS.computeIfAbsent(String.valueOf(binaries), key -> start(binaries));
    } finally {
      LOCK.unlock();
    }
  }

  private static TestServer start(@Nullable Path binaries) {
    EmbeddedOptions options = EmbeddedOptions.ephemeral(Path.of(System.getProperty("java.io.tmpdir")))
        .withSetting("max_prepared_transactions", "50").withSetting("max_connections", "200");
    EmbeddedPostgres postgres = EmbeddedPostgres.start(binaries == null ? options : options.withBinaries(binaries));
    Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "howdah test server stop"));
    TestServer server = new TestServer(postgres);
    server.administer("create database " + TEMPLATE);
    Schema.of(postgres.dataSource(TEMPLATE)).install();
    return server;
  }

  /** The server itself, to be killed or restarted by tests that have it for themselves. */
  public EmbeddedPostgres postgres() {
    return postgres;
  }

  /** A new database with the schema installed, dropped when it is closed. */
  public TestDatabase createDatabase() {
    return create("template " + TEMPLATE);
  }

  /** A new database without the schema, dropped when it is closed. */
  public TestDatabase createEmptyDatabase() {
    return create("template template0");
  }

  private TestDatabase create(String options) {
    String name = "test_" + databases.incrementAndGet();
    administer("create database " + name + " " + options);
    return new TestDatabase(this, name);
  }

  void drop(String database) {
    administer("drop database if exists " + database + " with (force)");
  }

  private void administer(String sql) {
    try (Connection connection = postgres.dataSource("postgres").getConnection()) {
      Rows.of(connection, sql);
    } catch (SQLException e) {
      throw new DatabaseException(sql + ": " + e.getMessage(), e);
    }
  }
}
