package io.howdah.engine.teeth;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.permutations.Scenarios;
import io.howdah.engine.permutations.Trial;
import io.howdah.engine.permutations.Trial.Ending;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Permutations.Report;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each test runs one scenario on the healthy engine, breaks one mechanism, and runs it again: it must break a promise. */
@HowdahTest
class SabotagedEngineIsFoundOutTest {
  private static final int HEALTHY = 60;
  private static final int ENOUGH = 1000;
  private final TestDatabase database;

  SabotagedEngineIsFoundOutTest(TestDatabase database) {
    this.database = database;
  }

  @AfterEach
  void heal() {
    database.heal();
    database.query("alter sequence howdah.block cache 1");
  }

  @Test
  void orderByIdOnlyLosesWhatCommitsLate() throws SQLException {
    bites(Scenarios.publishers(Ending.COMMIT, Ending.COMMIT), Scenarios::nothingMore,
        () -> database.sabotage("sequence_stream", "l.seq >= v_epoch.first_seq", "l.seq > coalesce(v_tick.hi, 0)"),
        "LOST");
  }

  @Test
  void aWindowInTheOrderOfXidsTurnsRowLocksAround() throws SQLException {
    bites(Scenarios.rowLock(database), Scenarios::checkCounted,
        () -> database.sabotage("messages_between", "order by l.seq)", "order by l.xid, l.seq)"), "REORDERED");
  }

  @Test
  void theOwnXidCountedAsFinishedLosesWhatIsPublishedNext() throws SQLException {
    bites(Scenarios.publisherThatSequences(), Scenarios::nothingMore,
        () -> database.sabotage("finished", "case when v_own is null", "case when true"), "LOST");
  }

  @Test
  void aSequenceWithACacheTurnsTheOrderAround() throws SQLException {
    bites(Scenarios.turns(), Scenarios::nothingMore, () -> database.query("alter sequence howdah.block cache 32"),
        "REORDERED");
  }

  @Test
  void aHorizonReadBeforeTheLockIsStale() throws SQLException {
    bites(Scenarios.twoSequencers(), Scenarios::nothingMore, () -> {
      String look = "  v_tick := howdah.newest_tick(v_stream);\n";
      String lock = "  perform from howdah.stream s where s.id = v_stream for no key update skip locked;\n";
      database.sabotage("sequence_stream", look, "");
      database.sabotage("sequence_stream", lock, look + lock);
    }, "duplicate key");
  }

  @Test
  void withoutFencingALapsedTokenStillSettles() throws SQLException {
    bites(Scenarios.claimsAndLapses(), Scenarios::nothingMore,
        () -> database.sabotage("slice_of", "v_slice.token <> split_part(v_token, '.', 4)::bigint", "false"),
        "UNFENCED");
  }

  @Test
  void aLimitWithoutAnOrderFindsAnOldTick() throws SQLException {
    bites(Scenarios.oneByOne(), Scenarios::nothingMore,
        () -> database.sabotage("newest_tick", " order by t.first desc limit 1", " limit 1"), "");
  }

  @Test
  void aLimitWithoutAnOrderFindsAnOldCursor() throws SQLException {
    bites(Scenarios.oneByOne(), Scenarios::nothingMore,
        () -> database.sabotage("newest_slice", " order by s.no desc limit 1", " limit 1"), "duplicate key");
  }

  private void bites(Trial.Scenario scenario, Trial.Extra extra, Runnable sabotage, String symptom)
      throws SQLException {
    Trial.sample(database, HEALTHY, scenario, extra).assertKept();
    sabotage.run();

    Report report = Trial.sample(database, ENOUGH, scenario, extra);

    assertThat(report.failure()).as("the sabotage was found").isPresent();
    assertThat(report.failure().orElseThrow().toString()).contains(symptom);
  }
}
