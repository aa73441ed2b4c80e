package io.howdah.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * W3, W5, W9 and W16: messages at a fixed rate, and how long each takes from the publish call to the handler; in W16,
 * whose messages are delayed, from the time that each is due. In W5 another session holds an old snapshot all the
 * while; afterwards it ends, and what remains on disk is what nobody could clear away.
 */
final class Paced {

  private static final int EDGE_SECONDS = 10;
  private static final Duration CALM = Duration.ofSeconds(12);

  private final Stage stage;
  private final BenchOptions options;
  private final boolean held;

  Paced(Stage stage) {
    this.stage = stage;
    this.options = stage.options();
    this.held = options.workload() == Workload.W5;
  }

  void run(Figures figures) {
    Server server = stage.server();
    long sizeBefore = server.size();
    long published;
    if (options.warmup() > 0) {
      try (Peer peer = stage.peer(1)) {
        measure(peer, options.warmup(), new Figures(Figures.KEYS));
      }
    }
    try (Peer peer = stage.peer(1)) {
      try (Connection holder = held ? hold() : null) {
        published = measure(peer, options.seconds(), figures);
        if (holder != null) {
          figures.set("bytes_per_msg_held", (server.size() - sizeBefore) / (double) published, 1);
          holder.rollback();
        }
      } catch (SQLException e) {
        figures.fail("the session that holds a snapshot was lost: " + e.getMessage());
        return;
      }
      if (held) {
        clearAway();
        figures.set("bytes_per_msg_after", (server.size() - sizeBefore) / (double) published, 1);
      }
    }
  }

  private Connection hold() throws SQLException {
    Connection connection = stage.source().getConnection();
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    try (Statement statement = connection.createStatement()) {
      statement.execute("select 1");
    }
    return connection;
  }

  /** Lets housekeeping, or for the bare variant a vacuum, do what it can. */
  private void clearAway() {
    Housekeeping housekeeping = stage.housekeeping();
    if (options.bare()) {
      Stage.sleepUntil(System.nanoTime() + Stage.seconds(1));
      stage.server().vacuum();
    } else {
      Stage.await(() -> housekeeping.idle().compareTo(CALM) > 0, Stage.seconds(120));
    }
  }

  private long measure(Peer peer, int seconds, Figures figures) {
    Audience audience = new Audience(peer, 1, 1, options.fetch());
    audience.start();
    Stage.sleepUntil(System.nanoTime() + Stage.seconds(1) / 2); // so that the consumer idles as it would in life
    Meter meter = Meter.start(stage.server());
    Crowd crowd = new Crowd(options.delay().toNanos());
    long start = System.nanoTime();
    long end = start + Stage.seconds(seconds);
    long edge = Stage.seconds(Math.min(EDGE_SECONDS, seconds / 2));
    audience.split(start + edge, end - edge);
    publish(peer, crowd, start);
    watch(audience, start, end, figures);
    crowd.stop();
    figures.set("published", crowd.published());
    figures.set("published_per_s", crowd.published() / (double) seconds, 1);
    figures.set("seconds", seconds);
    figures.set("drained", audience.drain(crowd.published()));
    meter.stop(figures, crowd.published());
    audience.stop(figures, crowd.counts());
    tell(audience, crowd.failure(), figures);
    return crowd.published();
  }

  private void publish(Peer peer, Crowd crowd, long start) {
    int callers = options.number("callers", 1);
    long distance = Stage.seconds(1) * callers * options.batch() / options.number("rate", 1);
    Supplier<Peer.Sender> senders = callers > 1 ? () -> peer.fusedSender(2) : peer::sender;
    crowd.start(Crowd.Task.endless(callers, options.batch()), senders,
        i -> Pace.steady(start + distance * i / callers, distance));
  }

  private void watch(Audience audience, long start, long end, Figures figures) {
    long edge = held ? Stage.seconds(Math.min(EDGE_SECONDS, options.seconds() / 2)) : 0;
    Stage.sleepUntil(Math.min(end, start + edge));
    long early = audience.received();
    Stage.sleepUntil(Math.max(start + edge, end - edge));
    long middle = audience.received();
    Stage.sleepUntil(end);
    long all = audience.received();
    figures.set("consumed_per_s", all / ((System.nanoTime() - start) / 1e9), 1);
    if (held) {
      figures.set("first10_per_s", early / (edge / 1e9), 1);
      figures.set("last10_per_s", (all - middle) / (edge / 1e9), 1);
    }
  }

  private void tell(Audience audience, @Nullable Throwable failure, Figures figures) {
    figures.latency(audience.latency(Ledger::latency));
    if (held) {
      figures.set("first10_p99_ms", audience.latency(Ledger::earlyLatency).millis(0.99), 3);
      figures.set("last10_p99_ms", audience.latency(Ledger::lateLatency).millis(0.99), 3);
    }
    if (failure != null) {
      figures.fail("a publisher failed: " + failure);
    }
  }
}
