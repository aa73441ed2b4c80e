package io.howdah.testkit;

import java.time.Duration;
import java.time.Instant;

/**
 * Moves the clock of one database's Howdah: for every session at once, and at once. It works by replacing {@code howdah.now()}, so it
 * exists only where the test kit is; a production schema has no such switch.
 */
public final class TestClock {
  private static final String REAL = "clock_timestamp()";

  private final TestDatabase database;
  private Duration offset = Duration.ZERO;

  TestClock(TestDatabase database) {
    this.database = database;
  }

  /** Moves the clock on; a negative duration moves it back. */
  public synchronized void advance(Duration duration) {
    if (duration.isZero()) {
      return;
    }
    Duration moved = offset.plus(duration);
    database.sabotage("now", running(offset), running(moved));
    offset = moved;
  }

  /** Sets the clock to the real time again. */
  public synchronized void reset() {
    advance(offset.negated());
  }

  /** The time that Howdah goes by. */
  public Instant now() {
    return Instant.ofEpochMilli(database.number("select (extract(epoch from howdah.now()) * 1000)::bigint"));
  }

  private static String running(Duration by) {
    return by.isZero() ? REAL : "(%s + interval '%d milliseconds')".formatted(REAL, by.toMillis());
  }
}
