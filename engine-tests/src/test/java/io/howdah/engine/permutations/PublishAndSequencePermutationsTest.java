package io.howdah.engine.permutations;

import static io.howdah.engine.permutations.Trial.script;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.permutations.Trial.Ending;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Permutations.Report;
import io.howdah.testkit.Permutations.Script;
import io.howdah.testkit.Permutations.Step;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two publishers, each step for itself, and one who sequences in between: nothing is lost, doubled or out of order. */
@HowdahTest
class PublishAndSequencePermutationsTest {
  private final TestDatabase database;

  PublishAndSequencePermutationsTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void twoCommits() throws SQLException {
    Report report = Trial.sample(database, 3500, Scenarios.publishers(Ending.COMMIT, Ending.COMMIT)).assertKept();

    assertThat(report.schedules()).isEqualTo(3500);
    assertThat(report.possible()).isEqualTo(11_550);
  }

  @Test
  void aCommitAndARollback() throws SQLException {
    Trial.sample(database, 1500, Scenarios.publishers(Ending.COMMIT, Ending.ROLLBACK)).assertKept();
  }

  @Test
  void aCommitAndAPreparedTransaction() throws SQLException {
    Trial.sample(database, 1500, Scenarios.publishers(Ending.COMMIT, Ending.PREPARE)).assertKept();
  }

  @Test
  void aPublisherThatSequencesInItsOwnTransactionAndPublishesAgain() throws SQLException {
    Trial.sample(database, 1000, Scenarios.publisherThatSequences()).assertKept();
  }

  @Test
  void twoWhoSequence() throws SQLException {
    Report report = Trial.sample(database, 500, Scenarios.twoSequencers()).assertKept();

    assertThat(report.waits()).as("one waited for the other").isPositive();
  }

  @Test
  void aPublishInASavepointBesideOneThatIsRolledBack() throws SQLException {
    Trial
        .sample(database, 300,
            (trial, connection) -> List.of(
                script("P",
                    List.of(trial.begin("a"), Step.sql("savepoint s"), trial.publish("never"),
                        Step.sql("rollback to s"), trial.publish("a")),
                    trial.end(Ending.COMMIT, "a")),
                script("Q", trial.publisher("b", Ending.COMMIT)), Script.of("S", trial.sequence(), trial.sequence())))
        .assertKept();
  }
}
