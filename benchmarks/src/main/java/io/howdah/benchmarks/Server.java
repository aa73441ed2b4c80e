package io.howdah.benchmarks;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * What the database says about itself, and what its processes cost when they run on this machine. Keeps one connection,
 * because making one costs more CPU than many messages. For one thread at a time.
 */
final class Server implements AutoCloseable {

  private static final Path PROC = Path.of("/proc");
  private static final long MICROS_PER_TICK = 10_000;
  private static final int PARENT = 1;
  private static final int OWN_CPU = 11;
  private static final int ENDED_CHILDREN_CPU = 13;

  private final Connection connection;
  private final String schema;
  private final OptionalLong postmaster;

  Server(DataSource source, String schema) {
    try {
      this.connection = source.getConnection();
    } catch (SQLException e) {
      throw new HowdahException(ErrorCode.UNAVAILABLE, "the database cannot be reached: " + e.getMessage(), e);
    }
    this.schema = schema;
    this.postmaster = findPostmaster();
  }

  /** The first column of the first row. */
  String text(String sql) {
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    } catch (SQLException e) {
      throw new HowdahException(ErrorCode.INTERNAL, "the server cannot be measured: " + e.getMessage(), e);
    }
  }

  private long number(String sql) {
    String text = text(sql);
    return text.isEmpty() || text.equals("null") ? 0 : Long.parseLong(text);
  }

  /** Bytes of WAL ever written. */
  long wal() {
    return number("select (pg_current_wal_insert_lsn() - '0/0')::bigint");
  }

  /** Bytes of all tables and indexes. */
  long size() {
    return number("select sum(pg_total_relation_size(oid))::bigint from pg_class where relkind in ('r', 'S')"
        + " and relnamespace = (select oid from pg_namespace where nspname = '" + schema + "')");
  }

  /** Dead rows of all tables; exact when the sessions that made them have ended. */
  long deadRows() {
    long deadline = System.nanoTime() + 3_000_000_000L;
    while (number("select count(*) from pg_stat_activity where datname = current_database()"
        + " and backend_type = 'client backend' and pid <> pg_backend_pid()") > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(20_000_000);
    }
    return number("select sum(n_dead_tup)::bigint from pg_stat_user_tables where schemaname = '" + schema + "'");
  }

  String settings() {
    return text("""
        select 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1) || string_agg(', ' || name || '='
          || current_setting(name), '' order by name)
        from pg_settings
        where name in ('fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size')""");
  }

  /** Writes what is only in memory, so that a long preparation does not burden what is measured. */
  void checkpoint() {
    execute("checkpoint");
  }

  void vacuum() {
    execute("vacuum");
  }

  private void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new HowdahException(ErrorCode.INTERNAL, sql + " failed: " + e.getMessage(), e);
    }
  }

  /** Microseconds of CPU of all processes of the server, ended ones included; empty if it runs elsewhere. */
  OptionalLong cpuMicros() {
    if (postmaster.isEmpty()) {
      return OptionalLong.empty();
    }
    long top = postmaster.getAsLong();
    long ticks = ticks(top, OWN_CPU) + ticks(top, ENDED_CHILDREN_CPU);
    try (Stream<Path> processes = Files.list(PROC)) {
      ticks += processes.map(path -> path.getFileName().toString()).filter(name -> Character.isDigit(name.charAt(0)))
          .mapToLong(Long::parseLong).filter(pid -> field(pid, PARENT) == top).map(pid -> ticks(pid, OWN_CPU)).sum();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(ticks * MICROS_PER_TICK);
  }

  private static long ticks(long pid, int field) {
    return Math.max(0, field(pid, field)) + Math.max(0, field(pid, field + 1));
  }

  /** A field of the process's stat line, counted from 0 after its name; -1 if there is no such process any more. */
  private static long field(long pid, int index) {
    try {
      String line = Files.readString(PROC.resolve(pid + "/stat"));
      return Long.parseLong(line.substring(line.lastIndexOf(')') + 2).split(" ")[index]);
    } catch (IOException | RuntimeException e) {
      return -1; // it has ended while we looked
    }
  }

  /** A process of the id that the server tells may be here by chance: the name must fit as well. */
  private OptionalLong findPostmaster() {
    boolean near = Boolean
        .parseBoolean(text("select (inet_server_addr() is not distinct from inet_client_addr())::text"));
    long backend = number("select pg_backend_pid()");
    Path name = PROC.resolve(backend + "/comm");
    try {
      return near && Files.isReadable(name) && Files.readString(name).startsWith("postgres")
          ? OptionalLong.of(field(backend, PARENT))
          : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new HowdahException(ErrorCode.UNAVAILABLE, "the database was lost: " + e.getMessage(), e);
    }
  }
}
