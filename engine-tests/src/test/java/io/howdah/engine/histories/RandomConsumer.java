package io.howdah.engine.histories;

import io.howdah.testkit.History;
import io.howdah.testkit.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Claims, and does with it what consumers do: settles all or one by one (done, retry, release, reject), hands all back,
 * hangs until the lease is over and settles then, dies, or loses its connection in the middle of settling.
 */
final class RandomConsumer implements Callable<Void> {
  private static final int LARGEST = 200;
  private static final long NAP = 3_000_000;
  private final RandomWorkload workload;
  private final Watched watched;
  private final String subscription;
  private final History history;
  private final Random random;
  /** How much rarer trouble is here: in order, what one claim waits for all others do. */
  private final int calm;
  private final Deque<Claim> hanging = new ArrayDeque<>();
  private Connection connection;

  private record Item(long position, String message, String lane) {
  }

  private record Claim(String token, int leap, List<Item> items) {
  }

  RandomConsumer(RandomWorkload workload, Watched watched, long seed) {
    this.workload = workload;
    this.watched = watched;
    this.subscription = watched.subscription();
    this.history = watched.history();
    this.random = new Random(seed);
    this.calm = switch (watched.ordering()) {
      case "strict" -> 8;
      case "key" -> 4;
      default -> 1;
    };
    this.connection = workload.source().connect();
  }

  @Override
  public Void call() throws SQLException {
    try {
      while (true) {
        workload.source().inTime();
        settleLate();
        Claim claim = claim();
        if (claim != null) {
          treat(claim);
        } else if (!hanging.isEmpty()) {
          settleAll(hanging.removeFirst());
        } else if (workload.source().isPublished() && Source.left(connection, subscription) == 0) {
          return null;
        } else {
          LockSupport.parkNanos(NAP);
        }
      }
    } finally {
      workload.consumerEnds();
      connection.close();
    }
  }

  /** One that has hung until its lease was over; others may have its messages by now. */
  private void settleLate() throws SQLException {
    if (!hanging.isEmpty() && hanging.getFirst().leap() < workload.leap() && random.nextInt(3) == 0) {
      settleAll(hanging.removeFirst());
    }
  }

  /** No time passes between the claim and its note. */
  private @Nullable Claim claim() throws SQLException {
    workload.time().readLock().lock();
    try {
      Instant before = Source.now(connection);
      Rows rows = Rows.of(connection, """
          select token, position, payload::text, key, attempt, (extract(epoch from howdah.now()) * 1000000)::bigint
          from howdah.claim(?, ?, ?::interval, 'r')""", subscription, 1 + random.nextInt(LARGEST),
          RandomWorkload.LEASE.toString());
      if (rows.values().isEmpty()) {
        return null;
      }
      String token = String.valueOf(rows.values().getFirst().get(0));
      history.record(new History.Claimed(token, before, Source.instant((Long) rows.values().getFirst().get(5))));
      List<Item> items = new ArrayList<>();
      for (List<@Nullable Object> row : rows.values()) {
        Item item = new Item((Long) row.get(1), workload.source().name(String.valueOf(row.get(2))),
            lane(row.get(3), row.get(1)));
        items.add(item);
        history
            .record(new History.Delivered(item.message(), subscription, item.position(), token, (Integer) row.get(4)));
      }
      watched.inFlight().add(token);
      return new Claim(token, workload.leap(), items);
    } finally {
      workload.time().readLock().unlock();
    }
  }

  /** What must be settled in order: all of a strict subscription, the messages of one key, a message alone. */
  private String lane(@Nullable Object key, @Nullable Object position) {
    return switch (watched.ordering()) {
      case "strict" -> "all";
      case "key" -> key == null ? "at " + position : "key " + key;
      default -> "at " + position;
    };
  }

  private void treat(Claim claim) throws SQLException {
    if (workload.source().isPublished() && random.nextInt(6) > 0) { // so that it comes to an end
      settleAll(claim);
      return;
    }
    switch (random.nextInt(24 * calm)) {
      case 0, 1, 2, 3, 4, 5 -> settleEach(claim);
      case 6, 10 -> hanging.add(claim);
      case 7 -> {
        // it dies
      }
      case 8 -> release(claim);
      case 9 -> loseConnectionWhileSettling(claim);
      default -> settleAll(claim);
    }
  }

  private void release(Claim claim) throws SQLException {
    history.settling(claim.token());
    boolean done = Rows.of(connection, "select howdah.release(?)", claim.token()).text().equals("true");
    note(claim, done ? "settled" : "lapsed", claim.items().stream().map(item -> "release").toList());
  }

  private void settleAll(Claim claim) throws SQLException {
    history.settling(claim.token());
    String answer = Rows.of(connection, "select howdah.settle(?)", claim.token()).text();
    note(claim, answer, claim.items().stream().map(item -> "done").toList());
  }

  /** Behind the first of a lane that is not done, nothing is named: it is released. */
  private void settleEach(Claim claim) throws SQLException {
    List<String> outcomes = new ArrayList<>();
    List<String> positions = new ArrayList<>();
    List<String> named = new ArrayList<>();
    Set<String> stopped = new HashSet<>();
    int luck = random.nextInt(4 * calm) == 0 ? 20 : 400 * calm;
    history.settling(claim.token());
    for (Item item : claim.items()) {
      String outcome = stopped.contains(item.lane()) ? "" : outcome(luck);
      if (!outcome.equals("done")) {
        stopped.add(item.lane());
      }
      if (outcome.isEmpty()) {
        outcomes.add("release");
      } else {
        outcomes.add(outcome);
        named.add(outcome);
        positions.add(Long.toString(item.position()));
      }
    }
    String answer = Rows.of(connection,
        "select howdah.settle(?, string_to_array(?, ',')::bigint[], string_to_array(?, ','), rest => 'release')",
        claim.token(), String.join(",", positions), String.join(",", named)).text();
    note(claim, answer, outcomes);
  }

  private String outcome(int luck) {
    return switch (random.nextInt(luck)) {
      case 0, 1 -> "retry";
      case 2 -> "release";
      case 3 -> "reject";
      default -> "done";
    };
  }

  private void note(Claim claim, String answer, List<String> outcomes) {
    watched.inFlight().remove(claim.token());
    if (answer.equals("lapsed")) {
      return;
    }
    for (int i = 0; i < claim.items().size(); i++) {
      history.settled(claim.items().get(i).message(), subscription, claim.token(), outcomes.get(i));
    }
  }

  /** The settling is never committed, so the messages come back when the lease is over. */
  private void loseConnectionWhileSettling(Claim claim) throws SQLException {
    connection.setAutoCommit(false);
    Rows.of(connection, "select howdah.settle(?)", claim.token());
    workload.source().kill(connection);
    connection.close();
    connection = workload.source().connect();
  }
}
