package io.howdah.engine.permutations;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Permutations.Report;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/**
 * Publishers that change a row and publish what they made of it: the lock on the row decides who comes first, whatever the order in which
 * their transactions began, and the log must agree.
 */
@HowdahTest
class RowLockPermutationsTest {
  private final TestDatabase database;

  RowLockPermutationsTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void theLogHasTheOrderOfTheRowsLock() throws SQLException {
    Report report = Trial.sample(database, 1000, Scenarios.rowLock(database), Scenarios::checkCounted).assertKept();

    assertThat(report.waits()).as("publishers waited for each other").isPositive();
  }
}
