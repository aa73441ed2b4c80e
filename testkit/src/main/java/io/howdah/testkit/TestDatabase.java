package io.howdah.testkit;

import io.howdah.Howdah;
import io.howdah.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A database of its own for one test class. Safe for use by many threads. */
public final class TestDatabase implements AutoCloseable {
  private static final Pattern FILE = Pattern.compile("(?:.*/)?([a-z_0-9]+)(?:\\.sql)?");

  private final TestServer server;
  private final String name;
  private final TestClock clock = new TestClock(this);
  private final List<AutoCloseable> open = new ArrayList<>();
  private @Nullable Monitor monitor;
  private @Nullable TestBroker broker;

  TestDatabase(TestServer server, String name) {
    this.server = server;
    this.name = name;
  }

  /** The name of the database. */
  public String name() {
    return name;
  }

  /** The server it lives on. */
  public TestServer server() {
    return server;
  }

  /** The JDBC URL, with user and password. */
  public String url() {
    return server.postgres().jdbcUrl(name);
  }

  /** A data source that opens a new connection each time. */
  public DataSource dataSource() {
    return server.postgres().dataSource(name);
  }

  /** The clock of this database's Howdah. */
  public TestClock clock() {
    return clock;
  }

  /** A client of this database's Howdah and what a test does with it; closed with this database. */
  public synchronized TestBroker broker() {
    TestBroker known = broker;
    if (known == null) {
      Howdah howdah = Howdah.open(dataSource());
      open.add(howdah);
      known = new TestBroker(this, howdah);
      broker = known;
    }
    return known;
  }

  /** A new connection, which the caller closes. */
  public Connection connect() {
    try {
      return dataSource().getConnection();
    } catch (SQLException e) {
      throw new DatabaseException("no connection to " + name + ": " + e.getMessage(), e);
    }
  }

  /** Runs a statement on a connection of its own; {@code ?} stand for the arguments. Without arguments, several statements may be given. */
  public Rows query(String sql, @Nullable Object... arguments) {
    try (Connection connection = connect()) {
      return Rows.of(connection, sql, arguments);
    } catch (SQLException e) {
      throw new DatabaseException(e.getMessage() + " in: " + sql, e);
    }
  }

  /** The first column of the only row, as a number. */
  public long number(String sql, @Nullable Object... arguments) {
    return query(sql, arguments).number();
  }

  /** The first column of the only row, as text. */
  public String text(String sql, @Nullable Object... arguments) {
    return query(sql, arguments).text();
  }

  /** The first column of each row, as text. */
  public List<String> texts(String sql, @Nullable Object... arguments) {
    return query(sql, arguments).texts();
  }

  /** A new connection on a thread of its own, closed with this database. */
  public synchronized Session session(String sessionName) {
    try {
      if (monitor == null) {
        monitor = new Monitor(connect());
        open.add(monitor);
      }
      Session session = new Session(sessionName, connect(), monitor);
      open.add(session);
      return session;
    } catch (SQLException e) {
      throw new DatabaseException("session " + sessionName + ": " + e.getMessage(), e);
    }
  }

  /**
   * Breaks a function on purpose, to prove that a test would notice: every occurrence of {@code find} in its text becomes
   * {@code replace}.
   *
   * @param function its file or name, such as {@code functions/stream/sequence.sql} or {@code sequence}
   * @throws IllegalArgumentException if the text does not occur: the sabotage would prove nothing
   */
  public void sabotage(String function, String find, String replace) {
    String functionName = FILE.matcher(function).replaceFirst("$1");
    String definition = text("""
        select pg_get_functiondef(oid) from pg_proc
        where pronamespace = 'howdah'::regnamespace and proname = ?""", functionName);
    if (!definition.contains(find)) {
      throw new IllegalArgumentException("function howdah.%s does not contain: %s".formatted(functionName, find));
    }
    query(definition.replace(find, replace));
  }

  /** Undoes every sabotage and every move of the clock: all functions are as shipped again. */
  public void heal() {
    clock.reset();
    Schema.of(dataSource()).install();
  }

  /** Closes the sessions and drops the database, whoever is still connected. */
  @Override
  public synchronized void close() {
    for (AutoCloseable resource : open.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException("a session of " + name + " could not be closed", e);
      }
    }
    open.clear();
    server.drop(name);
  }
}
