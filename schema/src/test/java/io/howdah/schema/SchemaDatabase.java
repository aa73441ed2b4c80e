package io.howdah.schema;

import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** A database of its own on one server for all tests of this module. The test kit stands above this module, so it is no help here. */
final class SchemaDatabase {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final String name = "schema_" + NUMBERS.incrementAndGet();

  SchemaDatabase() {
    administer("create database " + name);
  }

  /** Started by the first test, stopped with the JVM. */
  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedOptions.ephemeral());
      Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "schema test server stop"));
      return postgres;
    }
  }

  static void administer(String sql) {
    try (Connection connection = Server.POSTGRES.dataSource("postgres").getConnection()) {
      Schema.run(connection, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Without user and password. */
  static String url(String database) {
    return "jdbc:postgresql://" + Server.POSTGRES.host() + ":" + Server.POSTGRES.port() + "/" + database;
  }

  String name() {
    return name;
  }

  DataSource dataSource() {
    return Server.POSTGRES.dataSource(name);
  }

  Connection connect() throws SQLException {
    return dataSource().getConnection();
  }

  void run(String sql) throws SQLException {
    try (Connection connection = connect()) {
      Schema.run(connection, sql);
    }
  }

  List<String> texts(String sql) throws SQLException {
    try (Connection connection = connect()) {
      return Schema.texts(connection, sql);
    }
  }
}
