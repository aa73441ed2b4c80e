package io.howdah.engine.permutations;

import static io.howdah.engine.permutations.Trial.script;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Permutations.Report;
import io.howdah.testkit.Permutations.Script;
import io.howdah.testkit.Permutations.Step;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Publishers that change a row and publish what they made of it: the lock on the row decides who comes first, whatever the order in which
 * their transactions began, and the log must agree.
 */
@HowdahTest
class RowLockPermutationsTest {
  private static final String COUNT = """
      insert into counter as c values (?, 1) on conflict (id) do update set value = c.value + 1 returning value""";
  private final TestDatabase database;

  RowLockPermutationsTest(TestDatabase database) {
    this.database = database;
    database.query("create table counter (id text primary key, value int)");
  }

  @Test
  void theLogHasTheOrderOfTheRowsLock() throws SQLException {
    Report report = Trial
        .sample(database, 1000,
            (trial, connection) -> List.of(counting(trial, "P", "p"), counting(trial, "Q", "q"),
                Script.of("S", trial.sequence(), trial.sequence())),
            (trial, connection) -> assertThat(trial.inOrder()).extracting(message -> message.substring(1)).isSorted())
        .assertKept();

    assertThat(report.waits()).as("publishers waited for each other").isPositive();
  }

  private static Script counting(Trial trial, String session, String message) {
    long[] value = new long[1];
    List<Step> steps = new ArrayList<>();
    String[] published = {message};
    steps.add(Step.sql("begin; select pg_current_xact_id()"));
    steps.add(new Step("count", connection -> value[0] = Rows.of(connection, COUNT, trial.queue()).number()));
    steps.add(new Step("publish", connection -> {
      published[0] = message + value[0];
      trial.history().attempted(published[0], "key");
      return trial.publish(published[0]).work().run(connection);
    }));
    steps.add(new Step("commit", connection -> {
      Rows.of(connection, "commit");
      trial.history().acknowledged(published[0]);
      return null;
    }));
    return script(session, steps);
  }
}
