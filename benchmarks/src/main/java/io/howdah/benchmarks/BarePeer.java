package io.howdah.benchmarks;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * The hand-written minimum: one table, {@code insert … select from unnest}, {@code delete … returning} of a batch that is
 * locked with SKIP LOCKED, commit when it is handled. With several groups each gets a row of its own.
 */
final class BarePeer implements Peer {

  private static final long POLL_NANOS = 1_000_000;

  private final DataSource source;
  private final String table;
  private final int groups;
  private final AtomicLongArray settled;
  private final AtomicLong failures = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;
  private volatile String failure = "";

  BarePeer(DataSource source, String name, int groups) {
    this.source = source;
    this.table = "howdah_bare." + name;
    this.groups = groups;
    this.settled = new AtomicLongArray(groups);
    run("create schema if not exists howdah_bare");
    run("create table " + table + " (grp smallint not null default 0, id bigint generated always as identity,"
        + " payload json not null, primary key (grp, id))");
  }

  private void run(String sql) {
    try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new HowdahException(ErrorCode.INTERNAL, "the bare variant failed: " + e.getMessage(), e);
    }
  }

  @Override
  public Sender sender() {
    String one = "insert into " + table + " (payload) select x::json from unnest(?::text[]) x";
    String each = "insert into " + table + " (grp, payload) select g, x::json from unnest(?::text[]) x"
        + " cross join generate_series(0, " + (groups - 1) + ") g";
    return new BareSender(source, groups == 1 ? one : each);
  }

  @Override
  public Sender fusedSender(int lanes) {
    return sender();
  }

  @Override
  public void consume(int group, int consumers, int fetch, Ledger ledger) {
    for (int i = 0; i < consumers; i++) {
      threads.add(Thread.ofPlatform().name("bare-consumer-" + group + "-" + i).start(() -> {
        try {
          loop(group, fetch, ledger);
        } catch (SQLException | RuntimeException e) {
          failures.incrementAndGet();
          failure = String.valueOf(e.getMessage());
        }
      }));
    }
  }

  private void loop(int group, int fetch, Ledger ledger) throws SQLException {
    String sql = "delete from " + table + " where grp = " + group + " and id = any (array(select id from " + table
        + " where grp = " + group + " order by id limit " + fetch + " for update skip locked)) returning payload::text";
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        while (!stopping) {
          List<String> batch = take(statement);
          if (!batch.isEmpty()) {
            ledger.receive(batch, payload -> payload, payload -> 1);
          }
          connection.commit();
          settled.addAndGet(group, batch.size());
          if (batch.isEmpty()) {
            LockSupport.parkNanos(POLL_NANOS);
          }
        }
      }
    }
  }

  private static List<String> take(PreparedStatement statement) throws SQLException {
    List<String> batch = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        batch.add(rows.getString(1));
      }
    }
    return batch;
  }

  @Override
  public long settled() {
    long least = Long.MAX_VALUE;
    for (int group = 0; group < groups; group++) {
      least = Math.min(least, settled.get(group));
    }
    return least;
  }

  @Override
  public void stop() {
    stopping = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String complaints() {
    return failures.get() == 0 ? "" : failures.get() + " consumers failed: " + failure;
  }

  @Override
  public Ledger.Order order(int consumers) {
    return Ledger.Order.NONE;
  }

  @Override
  public void close() {
    stop();
    run("drop table " + table);
  }

  /** One connection that commits each statement. */
  private static final class BareSender implements Sender {

    private final Connection connection;
    private final PreparedStatement statement;

    BareSender(DataSource source, String sql) {
      try {
        connection = source.getConnection();
        statement = connection.prepareStatement(sql);
      } catch (SQLException e) {
        throw new HowdahException(ErrorCode.INTERNAL, "the bare variant has no connection: " + e.getMessage(), e);
      }
    }

    @Override
    public void send(List<String> payloads) {
      try {
        Array array = connection.createArrayOf("text", payloads.toArray());
        statement.setArray(1, array);
        statement.executeUpdate();
        array.free();
      } catch (SQLException e) {
        throw new HowdahException(ErrorCode.INTERNAL, "the bare variant cannot publish: " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      try (connection) {
        statement.close();
      } catch (SQLException e) {
        throw new HowdahException(ErrorCode.INTERNAL,
            "a connection of the bare variant does not close: " + e.getMessage(), e);
      }
    }
  }
}
