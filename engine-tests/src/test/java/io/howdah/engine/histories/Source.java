package io.howdah.engine.histories;

import io.howdah.testkit.History;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;

/**
 * The stream of one workload: how much of it is still to be published, who is told of it, and how much time there is.
 * Publishers wait while its readers are far behind, so that publishing and consuming go on at the same time to the end.
 */
final class Source {
  private static final int MOST_BACKLOG = 20_000;
  private static final int LEAST_BACKLOG = 100;
  private static final long NAP = 3_000_000;
  private static final long MOST_MILLIS = Duration.ofMinutes(100).toMillis();

  private final TestDatabase database;
  private final String stream;
  private final List<History> histories;
  private final AtomicInteger left;
  private final int mostBacklog;
  private final Duration longest;
  private final long deadline;
  private final AtomicInteger publishing;
  private final AtomicInteger kills = new AtomicInteger();
  private final ConcurrentHashMap<String, String> names = new ConcurrentHashMap<>();
  private volatile long backlog;

  Source(TestDatabase database, String stream, List<History> histories, int messages, int publishers) {
    this.database = database;
    this.stream = stream;
    this.histories = histories;
    this.left = new AtomicInteger(messages);
    this.mostBacklog = Math.clamp(messages / 4, LEAST_BACKLOG, MOST_BACKLOG);
    this.publishing = new AtomicInteger(publishers);
    this.longest = Duration.ofMinutes(5).plus(Duration.ofMillis(Math.min(20L * messages, MOST_MILLIS)));
    this.deadline = System.nanoTime() + longest.toNanos();
  }

  String stream() {
    return stream;
  }

  Connection connect() {
    return database.connect();
  }

  /** Something happened to messages, on all subscriptions. */
  void record(History.Event event) {
    histories.forEach(history -> history.record(event));
  }

  /** A message about to be published; its name is kept once. */
  void attempt(History.Attempted event) {
    names.put(event.message(), event.message());
    record(event);
  }

  /** The name of a message that came, the very object that is kept already. */
  String name(String payload) {
    return names.getOrDefault(payload, payload);
  }

  /** Takes what may still be published of this many messages; 0: nothing is left. */
  int take(int wanted) {
    while (backlog > mostBacklog) {
      inTime();
      LockSupport.parkNanos(NAP);
    }
    return Math.clamp(left.getAndAdd(-wanted), 0, wanted);
  }

  /** How many messages are not taken yet. */
  int left() {
    return Math.max(0, left.get());
  }

  /** How many messages the slowest reader has before it. */
  void setBacklog(long messages) {
    backlog = messages;
  }

  void publisherEnds() {
    publishing.decrementAndGet();
  }

  boolean isPublished() {
    return publishing.get() <= 0;
  }

  /** What is left of a subscription, with what waits for its time in its stream. */
  static long left(Connection connection, String subscription) throws SQLException {
    return Rows.of(connection, """
        select s.ready + s.in_flight + s.scheduled + s.blocked
          + (select count(*) from howdah.due d join howdah.stream t on t.id = d.stream where t.name = s.stream)
        from howdah.stats(?) s""", subscription).number();
  }

  /** The database's time. */
  static Instant now(Connection connection) throws SQLException {
    return instant(Rows.of(connection, "select (extract(epoch from howdah.now()) * 1000000)::bigint").number());
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plusNanos(micros * 1_000);
  }

  /** Fails when the whole has taken too long: something hangs or was lost. */
  void inTime() {
    if (System.nanoTime() - deadline > 0) {
      throw new AssertionError("after " + longest + " the workload is not at its end: " + database
          .texts("select concat_ws(' ', subscription, ready, in_flight, scheduled, blocked) from howdah.stats()"));
    }
  }

  /** Ends the server process behind a connection, from outside. */
  void kill(Connection connection) throws SQLException {
    killed(1);
    database.query("select pg_terminate_backend(?)", connection.unwrap(PGConnection.class).getBackendPID());
  }

  void killed(int more) {
    kills.addAndGet(more);
  }

  int kills() {
    return kills.get();
  }
}
