package io.howdah.engine.permutations;

import io.howdah.testkit.Permutations.Step;
import io.howdah.testkit.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Claims and settles, and tells the trial's history what came. Holds one claim at a time. */
public final class TrialConsumer {
  private static final String CLAIM = "select token, payload #>> '{}', position from howdah.claim(?, ?, '30 s')";

  private final Trial trial;
  private String token = "";
  private List<String> messages = List.of();

  TrialConsumer(Trial trial) {
    this.trial = trial;
  }

  public Step claim(int quantity) {
    return new Step("claim", connection -> {
      claim(connection, quantity);
      return null;
    });
  }

  /** A consumer that dies before its claim is committed. */
  public List<Step> claimAndRollBack(int quantity) {
    return List.of(new Step("begin, claim", connection -> {
      Rows.of(connection, "begin");
      return Rows.of(connection, CLAIM, trial.queue(), quantity);
    }), Step.sql("rollback"));
  }

  /** All done. */
  public Step settle() {
    return new Step("settle", connection -> {
      settle(connection);
      return null;
    });
  }

  /** All done, in a transaction that is committed only in the second step. */
  public List<Step> settleAndCommit() {
    String[] answer = {""};
    return List.of(new Step("begin, settle", connection -> {
      Rows.of(connection, "begin");
      return answer[0] = token.isEmpty() ? "" : ask(connection, "select howdah.settle(?)");
    }), new Step("commit", connection -> {
      Rows.of(connection, "commit");
      record(answer[0]);
      return null;
    }));
  }

  /** Hands everything back. */
  public Step release() {
    return new Step("release", connection -> {
      if (!token.isEmpty()) {
        messages.forEach(message -> trial.history().settled(message, trial.queue(), token, "release"));
        ask(connection, "select howdah.release(?)");
        token = "";
      }
      return null;
    });
  }

  boolean claim(Connection connection, int quantity) throws SQLException {
    int lapses = trial.lapses();
    Rows rows = Rows.of(connection, CLAIM, trial.queue(), quantity);
    if (rows.size() == 0) {
      token = "";
      return false;
    }
    token = rows.texts().getFirst();
    trial.took(token, lapses);
    messages = rows.values().stream().map(row -> String.valueOf(row.get(1))).toList();
    for (List<?> row : rows.values()) {
      long position = ((Number) row.get(2)).longValue();
      trial.cameAt(position, String.valueOf(row.get(1)));
      trial.history().delivered(String.valueOf(row.get(1)), trial.queue(), position, token);
    }
    return true;
  }

  void settle(Connection connection) throws SQLException {
    if (!token.isEmpty()) {
      record(ask(connection, "select howdah.settle(?)"));
    }
  }

  private String ask(Connection connection, String sql) throws SQLException {
    return Rows.of(connection, sql, token).text();
  }

  private void record(String answer) {
    if (answer.equals("settled")) {
      messages.forEach(message -> trial.history().settled(message, trial.queue(), token, "done"));
    } else if (answer.equals("lapsed")) {
      trial.refuse();
    }
    token = "";
  }
}
