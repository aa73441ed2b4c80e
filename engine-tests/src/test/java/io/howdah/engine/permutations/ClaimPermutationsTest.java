package io.howdah.engine.permutations;

import static io.howdah.engine.permutations.Trial.script;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.permutations.Trial.Ending;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Permutations.Script;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Two consumers, and leases that end between any two of their steps: nothing is lost, in two hands, or settled twice. */
@HowdahTest
class ClaimPermutationsTest {
  private final TestDatabase database;

  ClaimPermutationsTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void claimsSettlesAndLapses() throws SQLException {
    AtomicInteger refused = new AtomicInteger();
    Trial.sample(database, 600, Scenarios.claimsAndLapses(), (trial, connection) -> refused.addAndGet(trial.refused()))
        .assertKept();

    assertThat(refused).as("settles that came too late").hasPositiveValue();
  }

  @Test
  void aSettleInATransactionThatStaysOpen() throws SQLException {
    Trial.sample(database, 200, (trial, connection) -> {
      trial.published(connection, "a", "b", "c");
      TrialConsumer a = trial.consumer();
      TrialConsumer b = trial.consumer();
      return List.of(script("A", List.of(a.claim(3)), a.settleAndCommit()), Script.of("B", b.claim(2), b.settle()),
          Script.of("K", trial.lapse(), trial.lapse()));
    }).assertKept();
  }

  @Test
  void aClaimThatIsRolledBackAndOneThatIsHandedBack() throws SQLException {
    Trial.sample(database, 200, (trial, connection) -> {
      trial.published(connection, "a", "b", "c");
      TrialConsumer a = trial.consumer();
      TrialConsumer b = trial.consumer();
      return List.of(script("A", a.claimAndRollBack(2), List.of(a.claim(1), a.release())),
          Script.of("B", b.claim(2), b.settle(), b.claim(2), b.settle()));
    }).assertKept();
  }

  @Test
  void aPublisherAndTwoConsumers() throws SQLException {
    Trial.sample(database, 500, (trial, connection) -> {
      trial.published(connection, "a", "b");
      TrialConsumer b = trial.consumer();
      return List.of(script("P", trial.publisher("x", Ending.COMMIT)), Scenarios.consumer(trial, "A"),
          Script.of("B", b.claim(2), b.settle()));
    }).assertKept();
  }
}
