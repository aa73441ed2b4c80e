package io.howdah.engine.permutations;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
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
}
