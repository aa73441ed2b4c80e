package io.howdah.engine.teeth;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.permutations.OrderedScenarios;
import io.howdah.engine.permutations.OrderedTrial;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each test breaks one mechanism of ordered delivery: a key must be seen in two hands, or out of its order. */
@HowdahTest
class SabotagedOrderIsFoundOutTest {
  private final TestDatabase database;

  SabotagedOrderIsFoundOutTest(TestDatabase database) {
    this.database = database;
  }

  @AfterEach
  void heal() {
    database.heal();
  }

  @Test
  void keysInFlightThatAreForgottenAreHandedOutTwice() throws SQLException {
    database.sabotage("busy_keys", "distinct b from unnest(v_flight) b",
        "distinct b from unnest(v_flight) b where false");
    assertFoundOut(OrderedScenarios::partsAndLapses);
  }

  @Test
  void parkedMessagesThatAreTakenFromTheEndComeOutOfOrder() throws SQLException {
    database.sabotage("pick_parked", "order by q.at, q.src, q.position", "order by q.at, q.src, q.position desc");
    assertFoundOut(OrderedScenarios::partsAndLapses);
  }

  @Test
  void whatIsBehindAFailureGoesBeforeItIfNobodyTakesItBack() throws SQLException {
    database.sabotage("behind_failed", "where m.outcome is null", "where false");
    assertFoundOut(OrderedScenarios::failureThatStaysOpen);
  }

  @Test
  void whatASeekLeavesParkedComesTwice() throws SQLException {
    database.sabotage("seek", "howdah.drop_parked(v_sub, v_from, v_to)", "0");
    assertFoundOut(OrderedScenarios::failureAndSeek);
  }

  private void assertFoundOut(OrderedTrial.Scenario scenario) throws SQLException {
    assertThat(OrderedTrial.sample(database, 1000, "key", scenario).failure()).as("the sabotage was found").isPresent();
  }
}
