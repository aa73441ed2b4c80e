package io.howdah.engine.permutations;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Consumers of an ordered queue in all orders of their steps: each key in one hand, in its order, and none is lost. */
@HowdahTest
class OrderedPermutationsTest {
  private final TestDatabase database;

  OrderedPermutationsTest(TestDatabase database) {
    this.database = database;
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict"})
  void aFailureInATransactionThatStaysOpenBesideClaimsAndPublishers(String ordering) throws SQLException {
    assertThat(
        OrderedTrial.sample(database, 150, ordering, OrderedScenarios::failureThatStaysOpen).assertKept().schedules())
        .isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict", "job"})
  void claimsThatAreSettledInPartAndLapse(String ordering) throws SQLException {
    assertThat(OrderedTrial.sample(database, 150, ordering, OrderedScenarios::partsAndLapses).assertKept().schedules())
        .isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict", "job"})
  void theRingTurnsAndWhatWaitsForItsKeyIsCarried(String ordering) throws SQLException {
    List<String> housekept = new ArrayList<>();
    OrderedTrial.sample(database, 100, ordering, OrderedScenarios::failureAndTurns, (trial, connection) -> {
      housekept.addAll(trial.housekept());
      Rows.of(connection, "select * from howdah.housekeep()");
      assertThat(Rows.of(connection, "select count(*) from howdah.carried").number()).as("carried").isZero();
    }).assertKept();
    assertThat(housekept).filteredOn(s -> s.startsWith("carried")).as("carried").hasSizeGreaterThan(3);
    assertThat(housekept).filteredOn(s -> s.startsWith("emptied")).as("emptied").hasSizeGreaterThan(50);
    assertThat(database.number("select count(*) from howdah.segment")).as("segments in use").isLessThan(8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict", "job"})
  void allIsReadOnceMoreBesideClaimsSettlesAndABlockedKey(String ordering) throws SQLException {
    OrderedTrial
        .sample(database, 150, ordering, OrderedScenarios::failureAndSeek,
            (trial,
                connection) -> assertThat(Rows
                    .of(connection, "select (select count(*) from howdah.parked) + (select count(*) from howdah.lane)")
                    .number()).as("nothing waits any more").isZero())
        .assertKept();
  }
}
