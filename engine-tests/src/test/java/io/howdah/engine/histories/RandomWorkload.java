package io.howdah.engine.histories;

import io.howdah.testkit.History;
import io.howdah.testkit.HistoryChecker;
import io.howdah.testkit.HistoryChecker.Order;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.Violation;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.postgresql.PGConnection;

/**
 * One stream, three subscriptions (unordered, by key, strict), publishers and consumers of all kinds at the same time,
 * until all is published and settled. Time passes in leaps that are longer than a lease: before each, what is in flight
 * is noted as void. Housekeeping goes on meanwhile, with small segments.
 */
final class RandomWorkload {
  static final String UNORDERED = "none";
  private static final List<String> ORDERINGS = List.of(UNORDERED, "key", "strict");
  private static final int PUBLISHERS = 3;
  private static final int CONSUMERS = 2;
  private static final Duration LEAP = Duration.ofSeconds(31);
  private static final long BETWEEN_LEAPS = Duration.ofMillis(700).toNanos();
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final TestDatabase database;
  private final long seed;
  private final String stream;
  private final AtomicInteger left;
  private final long deadline = System.nanoTime() + LONGEST.toNanos();
  private final ReadWriteLock time = new ReentrantReadWriteLock();
  private final List<History> histories = ORDERINGS.stream().map(ordering -> new History()).toList();
  private final Set<String> inFlight = ConcurrentHashMap.newKeySet();
  private final AtomicInteger leap = new AtomicInteger();
  private final AtomicInteger publishing = new AtomicInteger(PUBLISHERS);
  private final AtomicInteger consuming = new AtomicInteger(ORDERINGS.size() * CONSUMERS);

  RandomWorkload(TestDatabase database, long seed, int messages) {
    this.database = database;
    this.seed = seed;
    this.stream = "w" + Long.toUnsignedString(seed);
    this.left = new AtomicInteger(messages);
  }

  /** What was broken; empty if every promise was kept. */
  List<Violation> run() throws SQLException, InterruptedException {
    database.query("select howdah.configure('segment_size', '1 MB'), howdah.configure('segment_age', '1 s')");
    database.query("select howdah.create_stream(?, '0')", stream);
    for (String ordering : ORDERINGS) {
      database.query(
          "select howdah.create_subscription(?, ?, 'beginning', json_build_object('ordering', ?::text, "
              + "'max_attempts', 'infinite', 'backoff', 'fixed', 'delay', '3 s'))",
          subscription(ordering), stream, ordering);
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < PUBLISHERS; i++) {
        all.add(threads.submit(new RandomPublisher(this, seed * 31 + i)));
      }
      for (int i = 0; i < ORDERINGS.size() * CONSUMERS; i++) {
        String ordering = ORDERINGS.get(i % ORDERINGS.size());
        all.add(threads.submit(new RandomConsumer(this, ordering, histories.get(i % ORDERINGS.size()), seed * 37 + i)));
      }
      all.add(threads.submit(timePasses()));
      all.forEach(this::join);
    }
    List<Violation> violations = new ArrayList<>();
    for (int i = 0; i < ORDERINGS.size(); i++) {
      violations.addAll(
          HistoryChecker.of(subscription(ORDERINGS.get(i))).withOrder(Order.values()[i]).check(histories.get(i)));
    }
    database.query("select howdah.drop_stream(?, true)", stream);
    return violations;
  }

  private void join(Future<?> thread) {
    try {
      thread.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (ExecutionException e) {
      throw new AssertionError("a part of the workload of seed " + seed + " failed", e.getCause());
    }
  }

  private Callable<Void> timePasses() {
    return () -> {
      try (Connection connection = database.connect()) {
        while (consuming.get() > 0) {
          LockSupport.parkNanos(BETWEEN_LEAPS);
          inTime();
          time.writeLock().lock();
          try {
            inFlight.forEach(token -> histories.forEach(history -> history.voided(token)));
            database.clock().advance(connection, LEAP);
            leap.incrementAndGet();
          } finally {
            time.writeLock().unlock();
          }
          Rows.of(connection, "select howdah.promote()");
          Rows.of(connection, "select howdah.housekeep()");
        }
      }
      return null;
    };
  }

  /** Fails when the whole has taken too long: something hangs or was lost. */
  void inTime() {
    if (System.nanoTime() - deadline > 0) {
      throw new AssertionError("after " + LONGEST + " the workload is not at its end: " + database
          .texts("select concat_ws(' ', subscription, ready, in_flight, scheduled, blocked) from howdah.stats()"));
    }
  }

  String stream() {
    return stream;
  }

  String subscription(String ordering) {
    return stream + "-" + ordering;
  }

  Connection connect() {
    return database.connect();
  }

  /** Takes what may still be published of this many messages; 0: nothing is left. */
  int take(int wanted) {
    return Math.clamp(left.getAndAdd(-wanted), 0, wanted);
  }

  List<History> histories() {
    return histories;
  }

  Set<String> inFlight() {
    return inFlight;
  }

  /** Held while something is handed out and noted, so that no time passes in between. */
  ReadWriteLock time() {
    return time;
  }

  /** How many times the leases of all that is in flight have run out. */
  int leap() {
    return leap.get();
  }

  void publisherEnds() {
    publishing.decrementAndGet();
  }

  void consumerEnds() {
    consuming.decrementAndGet();
  }

  boolean isPublished() {
    return publishing.get() <= 0;
  }

  /** Whether nothing of the subscription is left, and nothing that waits for its time. */
  boolean isDrained(Connection connection, String subscription) throws SQLException {
    return isPublished() && Rows.of(connection, """
        select s.ready + s.in_flight + s.scheduled + s.blocked
          + (select count(*) from howdah.due d join howdah.stream t on t.id = d.stream where t.name = s.stream)
        from howdah.stats(?) s""", subscription).number() == 0;
  }

  /** Ends the server process behind a connection, from outside. */
  void kill(Connection connection) throws SQLException {
    database.query("select pg_terminate_backend(?)", connection.unwrap(PGConnection.class).getBackendPID());
  }
}
