package io.howdah.engine.delivery;

import io.howdah.testkit.Rows;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What one claim handed out.
 *
 * @param token of all its messages; empty if there are none
 */
public record Claim(String token, List<Long> positions, List<String> payloads, List<Integer> attempts) {
  private static final String SQL = """
      select token, position, payload::text, attempt from howdah.claim(?, ?, '30 s', 'test')""";

  /** Claims in a transaction of its own. */
  public static Claim of(TestDatabase database, String subscription, int quantity) {
    return of(database.query(SQL, subscription, quantity));
  }

  /** Claims in whatever transaction the session is in. */
  public static Claim of(Session session, String subscription, int quantity) {
    return of(session.execute(SQL, subscription, quantity));
  }

  /** Starts a claim, whose rows are to be awaited. */
  public static Session start(Session session, String subscription, int quantity) {
    return session.run(SQL, subscription, quantity);
  }

  /** The rows of a claim that was started before. */
  public static Claim of(Rows rows) {
    List<String> tokens = rows.texts().stream().distinct().toList();
    if (tokens.size() > 1) {
      throw new AssertionError("one claim has several tokens: " + tokens);
    }
    return new Claim(tokens.isEmpty() ? "" : tokens.getFirst(),
        rows.values().stream().map(row -> (Long) Objects.requireNonNull(row.get(1))).toList(),
        rows.values().stream().map(row -> String.valueOf(row.get(2))).toList(),
        rows.values().stream().map(row -> (Integer) Objects.requireNonNull(row.get(3))).toList());
  }

  /** Whether nothing was handed out. */
  public boolean isEmpty() {
    return positions.isEmpty();
  }

  /** Settles all of it as done, and returns the answer. */
  public String done(TestDatabase database) {
    return database.text("select howdah.settle(?)", token);
  }

  /** The same in whatever transaction the session is in. */
  public String done(Session session) {
    return session.execute("select howdah.settle(?)", token).text();
  }

  /** Claims until nothing comes any more, settling everything, and returns the payloads in order. */
  public static List<String> drain(TestDatabase database, String subscription) {
    try (Session session = database.session("drain")) {
      return drain(session, subscription);
    }
  }

  /** The same on a session that is in no transaction. */
  public static List<String> drain(Session session, String subscription) {
    List<String> payloads = new ArrayList<>();
    for (Claim claim = of(session, subscription, 1000); !claim.isEmpty(); claim = of(session, subscription, 1000)) {
      payloads.addAll(claim.payloads());
      claim.done(session);
    }
    return payloads;
  }
}
