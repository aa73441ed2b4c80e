package io.howdah.engine.teeth;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Permutations;
import io.howdah.testkit.Permutations.Plan;
import io.howdah.testkit.Permutations.Report;
import io.howdah.testkit.Permutations.Script;
import io.howdah.testkit.Permutations.Step;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * The bell only hurries: a consumer that looks, says that it sleeps, and then trusts the bell alone misses a message. One that says so
 * first and looks then does not, unless the publisher dies before it rings; polling finds that, too.
 */
@HowdahTest
class WakeUpWithoutPollingIsFoundOutTest {
  private final TestDatabase database;

  WakeUpWithoutPollingIsFoundOutTest(TestDatabase database) {
    this.database = database;
  }

  /** How a consumer goes to sleep. */
  private enum Sleeper {
    MARKS_AND_LOOKS, LOOKS_AND_MARKS, POLLS
  }

  @Test
  void whoMarksAndThenLooksIsWokenOrHasTheMessage() throws SQLException {
    Report report = run(Sleeper.MARKS_AND_LOOKS, true).assertKept();

    assertThat(report.schedules()).isEqualTo(15);
  }

  @Test
  void whoLooksAndThenMarksSleepsThroughAMessage() throws SQLException {
    assertThat(run(Sleeper.LOOKS_AND_MARKS, true).failure())
        .hasValueSatisfying(failure -> assertThat(failure.cause()).hasMessageContaining("neither woken nor served"));
  }

  @Test
  void theBellAloneMissesAMessageWhosePublisherDiesBeforeItRings() throws SQLException {
    assertThat(run(Sleeper.MARKS_AND_LOOKS, false).failure())
        .hasValueSatisfying(failure -> assertThat(failure.cause()).hasMessageContaining("neither woken nor served"));
  }

  @Test
  void pollingMissesNothing() throws SQLException {
    run(Sleeper.POLLS, false).assertKept();
    run(Sleeper.POLLS, true).assertKept();
  }

  private Report run(Sleeper sleeper, boolean rings) throws SQLException {
    try (Connection listener = database.connect();
        Permutations permutations = Permutations.of(database, id -> plan(listener, sleeper, rings))) {
      Rows.of(listener, "listen howdah");
      return permutations.all();
    }
  }

  private Plan plan(Connection listener, Sleeper sleeper, boolean rings) throws SQLException {
    String queue = "q" + UUID.randomUUID();
    long[] subscription = new long[1];
    long[] claimed = new long[1];
    Rows.of(listener, "select howdah.create_queue(?)", queue);
    Step mark = new Step("mark", connection -> subscription[0] = Rows
        .of(connection, "select howdah.mark_sleeping(?, gen_random_uuid(), '1 min')", queue).number());
    Step look = new Step("look",
        connection -> claimed[0] = Rows.of(connection, "select token from howdah.claim(?)", queue).size());
    Script publisher = Script.of("P", Step.sql("begin"), Step.sql("select howdah.publish(?, '1')", queue),
        Step.sql("commit"), rings ? Step.sql("select howdah.ring(array[?])", queue) : Step.sql("select 'dead'"));
    return new Plan(List.of(publisher,
        sleeper == Sleeper.LOOKS_AND_MARKS ? Script.of("C", look, mark) : Script.of("C", mark, look)), () -> {
          boolean polled = sleeper == Sleeper.POLLS
              && Rows.of(listener, "select token from howdah.claim(?)", queue).size() > 0;
          assertThat(claimed[0] > 0 || polled || rang(listener, subscription[0])).as("neither woken nor served")
              .isTrue();
        });
  }

  private static boolean rang(Connection listener, long subscription) throws SQLException {
    Rows.of(listener, "select 1");
    boolean rang = false;
    for (PGNotification bell : listener.unwrap(PGConnection.class).getNotifications()) {
      rang |= List.of(bell.getParameter().split(",")).contains(Long.toString(subscription));
    }
    return rang;
  }
}
