package io.howdah.engine.permutations;

import static io.howdah.engine.permutations.Trial.script;

import io.howdah.testkit.Permutations.Script;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Who does what with an ordered queue: a healthy engine must keep its order, a sabotaged one must be found out. */
public final class OrderedScenarios {
  private OrderedScenarios() {
  }

  /** A message fails in a transaction that stays open, beside a consumer and a publisher. */
  public static List<Script> failureThatStaysOpen(OrderedTrial trial, Connection connection) throws SQLException {
    OrderedTrial.Hand a = trial.hand();
    OrderedTrial.Hand b = trial.hand();
    trial.publish("aaab").work().run(connection);
    return List.of(script("A", List.of(a.claim(4)), a.failSecondAndCommit("0 s")),
        Script.of("B", b.claim(2), b.settle(), b.claim(2), b.release()), Script.of("P", trial.publish("ab")));
  }

  /** The ring turns beside a failure that stays open, and claims that are settled and handed back. */
  public static List<Script> failureAndTurns(OrderedTrial trial, Connection connection) throws SQLException {
    OrderedTrial.Hand a = trial.hand();
    OrderedTrial.Hand b = trial.hand();
    trial.publish("aaab").work().run(connection);
    return List.of(script("A", List.of(a.claim(2)), a.failSecondAndCommit("0 s")),
        Script.of("B", b.claim(2), b.settle(), b.claim(2), b.release()),
        Script.of("K", trial.turn(), trial.turn(), trial.turn()));
  }

  /** All is read once more, beside a failure that stays open and blocks a key, and a consumer. */
  public static List<Script> failureAndSeek(OrderedTrial trial, Connection connection) throws SQLException {
    OrderedTrial.Hand a = trial.hand();
    OrderedTrial.Hand b = trial.hand();
    trial.publish("aaab").work().run(connection);
    return List.of(script("A", List.of(a.claim(2)), a.failSecondAndCommit("1 h")),
        Script.of("B", b.claim(1), b.settle(), b.claim(2), b.settleFirst(), b.release()),
        Script.of("K", trial.publish("ba"), trial.seekBack()));
  }

  /** Claims that are settled message by message, and leases that end. */
  public static List<Script> partsAndLapses(OrderedTrial trial, Connection connection) throws SQLException {
    OrderedTrial.Hand a = trial.hand();
    OrderedTrial.Hand b = trial.hand();
    trial.publish("ababaa").work().run(connection);
    return List.of(Script.of("A", a.claim(2), a.settleFirst(), a.settle()),
        Script.of("B", b.claim(2), b.settleFirst(), b.claim(1), b.settle()), Script.of("K", trial.lapse()));
  }
}
