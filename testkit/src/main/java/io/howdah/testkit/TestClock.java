package io.howdah.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/**
 * Moves the clock of one database's Howdah, for every session at once and at once: also for one whose snapshot is old, because the offset
 * is kept in a sequence. The first move replaces {@code howdah.now()}, so this exists only where the test kit is; a production schema has
 * no such switch. Safe for use by many threads.
 */
public final class TestClock {
  private static final String REAL = "clock_timestamp()";
  private static final String MOVED = "(clock_timestamp() + coalesce(pg_sequence_last_value('public.howdah_clock'::regclass), 0)"
      + " * interval '1 microsecond')";
  private static final String MOVE = """
      select setval('public.howdah_clock', coalesce(pg_sequence_last_value('public.howdah_clock'::regclass), 0) + ?)""";

  private final TestDatabase database;
  private boolean movable;

  TestClock(TestDatabase database) {
    this.database = database;
  }

  /** Moves the clock on; a negative duration moves it back. */
  public void advance(Duration duration) {
    makeMovable();
    database.query(MOVE, duration.toNanos() / 1_000);
  }

  /** The same on a connection that is open already, which is quicker. */
  public void advance(Connection connection, Duration duration) throws SQLException {
    makeMovable();
    Rows.of(connection, MOVE, duration.toNanos() / 1_000);
  }

  /** Sets the clock to the real time again, and restores {@code howdah.now()}. */
  public synchronized void reset() {
    if (movable) {
      database.sabotage("now", MOVED, REAL);
      database.query("drop sequence public.howdah_clock");
      movable = false;
    }
  }

  /** The time that Howdah goes by. */
  public Instant now() {
    return Instant.ofEpochMilli(database.number("select (extract(epoch from howdah.now()) * 1000)::bigint"));
  }

  private synchronized void makeMovable() {
    if (!movable) {
      database.query("create sequence public.howdah_clock as bigint minvalue -9223372036854775807");
      database.sabotage("now", REAL, MOVED);
      movable = true;
    }
  }
}
