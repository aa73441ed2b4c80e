package io.howdah.engine.histories;

import io.howdah.testkit.HistoryChecker;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.Violation;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One stream, three subscriptions (unordered, by key, strict), publishers and consumers of all kinds in SQL at the same
 * time, until all is published and settled. Time passes in steps, and in leaps that are longer than a lease: before
 * each, what is in flight is noted as void. Housekeeping goes on meanwhile, with small segments.
 */
final class RandomWorkload {
  private static final int PUBLISHERS = 3;
  private static final int CONSUMERS = 2;
  /** Too long to run out by itself, however slow the machine is. */
  static final Duration LEASE = Duration.ofMinutes(10);
  private static final Duration LEAP = LEASE.plusMinutes(1);
  private static final Duration STEP = Duration.ofSeconds(7);
  private static final long BETWEEN_STEPS = Duration.ofMillis(150).toNanos();

  private final TestDatabase database;
  private final long seed;
  private final int messages;
  private final List<Watched> readers;
  private final Source source;
  private final ReadWriteLock time = new ReentrantReadWriteLock();
  private final AtomicInteger leap = new AtomicInteger();
  private final AtomicInteger consuming;

  RandomWorkload(TestDatabase database, long seed, int messages) {
    this.database = database;
    this.seed = seed;
    this.messages = messages;
    String stream = "w" + Long.toUnsignedString(seed);
    this.readers = List.of(Watched.of(stream, Watched.UNORDERED), Watched.of(stream, "key"),
        Watched.of(stream, "strict"));
    this.source = new Source(database, stream, readers.stream().map(Watched::history).toList(), messages, PUBLISHERS);
    this.consuming = new AtomicInteger(readers.size() * CONSUMERS);
  }

  /** What was broken; empty if every promise was kept. */
  List<Violation> run() {
    database.query("select howdah.configure('segment_size', '1 MB'), howdah.configure('segment_age', '1 s')");
    database.query("select howdah.create_stream(?, '0')", source.stream());
    for (Watched reader : readers) {
      database.query("""
          select howdah.create_subscription(?, ?, 'beginning', json_build_object('ordering', ?::text,
            'max_attempts', 'infinite', 'backoff', 'fixed', 'delay', '3 s'))""", reader.subscription(), source.stream(),
          reader.ordering());
    }
    try (Parts parts = new Parts("the workload of seed " + seed)) {
      for (int i = 0; i < PUBLISHERS; i++) {
        parts.start(new RandomPublisher(source, seed * 31 + i));
      }
      for (int i = 0; i < readers.size() * CONSUMERS; i++) {
        parts.start(new RandomConsumer(this, readers.get(i % readers.size()), seed * 37 + i));
      }
      parts.start(timePasses());
      parts.join();
    }
    List<Violation> violations = readers.stream()
        .flatMap(each -> HistoryChecker.of(each.subscription()).withOrder(each.order()).check(each.history()).stream())
        .toList();
    System.out.printf("%d messages through SQL, %d backends killed, leases ran out %d times, events %s%n", messages,
        source.kills(), leap(), readers.stream().map(each -> each.history().events().size()).toList());
    database.query("select howdah.drop_stream(?, true)", source.stream());
    return violations;
  }

  private Callable<Void> timePasses() {
    return () -> {
      Progress progress = new Progress(messages);
      try (Connection connection = database.connect()) {
        for (int i = 0; consuming.get() > 0; i++) {
          LockSupport.parkNanos(BETWEEN_STEPS);
          source.inTime();
          if (i % 2 == 0) {
            database.clock().advance(connection, STEP);
          } else {
            leap(connection);
          }
          Rows.of(connection, "select howdah.promote()");
          if (i % 4 == 0) {
            Rows.of(connection, "select howdah.housekeep()");
            source.setBacklog(backlog(connection));
          }
          progress.tell(source.left(), readers.stream().map(each -> each.history().size()).toList());
        }
      }
      return null;
    };
  }

  private void leap(Connection connection) throws SQLException {
    time.writeLock().lock();
    try {
      readers.forEach(Watched::lapse);
      database.clock().advance(connection, LEAP);
      leap.incrementAndGet();
    } finally {
      time.writeLock().unlock();
    }
  }

  private long backlog(Connection connection) throws SQLException {
    long most = 0;
    for (Watched reader : readers) {
      most = Math.max(most, Source.left(connection, reader.subscription()));
    }
    return most;
  }

  Source source() {
    return source;
  }

  /** Held while something is handed out and noted, so that no time passes in between. */
  ReadWriteLock time() {
    return time;
  }

  /** How many times the leases of all that is in flight have run out. */
  int leap() {
    return leap.get();
  }

  void consumerEnds() {
    consuming.decrementAndGet();
  }
}
