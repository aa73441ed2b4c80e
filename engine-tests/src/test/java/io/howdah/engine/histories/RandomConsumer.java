package io.howdah.engine.histories;

import io.howdah.testkit.History;
import io.howdah.testkit.Rows;
import java.sql.Connection;
import java.sql.SQLException;
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
  private final String ordering;
  private final String subscription;
  private final History history;
  private final Random random;
  private final Deque<Claim> hanging = new ArrayDeque<>();
  private Connection connection;

  private record Item(long position, String message, String lane) {
  }

  private record Claim(String token, int leap, List<Item> items) {
  }

  RandomConsumer(RandomWorkload workload, String ordering, History history, long seed) {
    this.workload = workload;
    this.ordering = ordering;
    this.subscription = workload.subscription(ordering);
    this.history = history;
    this.random = new Random(seed);
    this.connection = workload.connect();
  }

  @Override
  public Void call() throws SQLException {
    try {
      while (true) {
        workload.inTime();
        settleLate();
        Claim claim = claim();
        if (claim != null) {
          treat(claim);
        } else if (!hanging.isEmpty()) {
          settleAll(hanging.removeFirst());
        } else if (workload.isDrained(connection, subscription)) {
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
      Rows rows = Rows.of(connection, "select token, position, payload::text, key from howdah.claim(?, ?, '30 s', 'r')",
          subscription, 1 + random.nextInt(LARGEST));
      if (rows.values().isEmpty()) {
        return null;
      }
      String token = String.valueOf(rows.values().getFirst().get(0));
      List<Item> items = new ArrayList<>();
      for (List<@Nullable Object> row : rows.values()) {
        Item item = new Item((Long) row.get(1), String.valueOf(row.get(2)), lane(row.get(3), row.get(1)));
        items.add(item);
        history.delivered(item.message(), subscription, item.position(), token);
      }
      workload.inFlight().add(token);
      return new Claim(token, workload.leap(), items);
    } finally {
      workload.time().readLock().unlock();
    }
  }

  /** What must be settled in order: all of a strict subscription, the messages of one key, a message alone. */
  private String lane(@Nullable Object key, @Nullable Object position) {
    return switch (ordering) {
      case "strict" -> "all";
      case "key" -> key == null ? "at " + position : "key " + key;
      default -> "at " + position;
    };
  }

  private void treat(Claim claim) throws SQLException {
    if (workload.isPublished() && random.nextInt(6) > 0) { // so that it comes to an end
      settleAll(claim);
      return;
    }
    switch (random.nextInt(24)) {
      case 0, 1, 2, 3, 4, 5 -> settleEach(claim);
      case 6, 10 -> hanging.add(claim);
      case 7 -> history.voided(claim.token()); // it dies
      case 8 -> {
        history.voided(claim.token());
        Rows.of(connection, "select howdah.release(?)", claim.token());
      }
      case 9 -> loseConnectionWhileSettling(claim);
      default -> settleAll(claim);
    }
  }

  private void settleAll(Claim claim) throws SQLException {
    String answer = Rows.of(connection, "select howdah.settle(?)", claim.token()).text();
    note(claim, answer, claim.items().stream().map(item -> "done").toList());
  }

  /** Behind the first of a lane that is not done, nothing is named: it is released. */
  private void settleEach(Claim claim) throws SQLException {
    List<String> outcomes = new ArrayList<>();
    List<String> positions = new ArrayList<>();
    List<String> named = new ArrayList<>();
    Set<String> stopped = new HashSet<>();
    for (Item item : claim.items()) {
      String outcome = stopped.contains(item.lane()) ? "" : outcome();
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

  private String outcome() {
    return switch (random.nextInt(20)) {
      case 0, 1 -> "retry";
      case 2 -> "release";
      case 3 -> "reject";
      default -> "done";
    };
  }

  private void note(Claim claim, String answer, List<String> outcomes) {
    workload.inFlight().remove(claim.token());
    if (answer.equals("lapsed")) {
      return;
    }
    for (int i = 0; i < claim.items().size(); i++) {
      history.settled(claim.items().get(i).message(), subscription, claim.token(), outcomes.get(i));
    }
  }

  /** The settling is never committed, so the messages come back when the lease is over. */
  private void loseConnectionWhileSettling(Claim claim) throws SQLException {
    history.voided(claim.token());
    connection.setAutoCommit(false);
    Rows.of(connection, "select howdah.settle(?)", claim.token());
    workload.kill(connection);
    connection.close();
    connection = workload.connect();
  }
}
