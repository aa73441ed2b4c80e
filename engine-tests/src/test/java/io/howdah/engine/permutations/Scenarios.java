package io.howdah.engine.permutations;

import static io.howdah.engine.permutations.Trial.script;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.permutations.Trial.Ending;
import io.howdah.testkit.Permutations.Script;
import io.howdah.testkit.Permutations.Step;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Who does what: the schedules that a healthy engine must pass, and in which a sabotaged one must be found out. */
public final class Scenarios {
  private static final String COUNT = """
      insert into counter as c values (?, 1) on conflict (id) do update set value = c.value + 1 returning value""";

  private Scenarios() {
  }

  /** Two publishers, each step for itself, and one who sequences in between. */
  public static Trial.Scenario publishers(Ending first, Ending second) {
    return (trial, connection) -> List.of(script("P", trial.publisher("a", first)),
        script("Q", trial.publisher("b", second)),
        Script.of("S", trial.sequence(), trial.sequence(), trial.sequence()));
  }

  /** A publisher that sequences in its own transaction, and publishes again. */
  public static Trial.Scenario publisherThatSequences() {
    return (trial, connection) -> List.of(
        script("P", List.of(trial.begin("a1", "a2"), trial.publish("a1"), trial.sequence(), trial.publish("a2")),
            trial.end(Ending.COMMIT, "a1", "a2")),
        script("Q", trial.publisher("b", Ending.COMMIT)), Script.of("S", trial.sequence(), trial.sequence()));
  }

  /** Two who sequence, one of them in a transaction that stays open for a while. */
  public static Trial.Scenario twoSequencers() {
    return (trial, connection) -> {
      trial.published(connection, "a");
      return List.of(script("P", trial.publisher("b", Ending.COMMIT)),
          Script.of("S", Step.sql("begin"), trial.sequence(), Step.sql("commit")),
          Script.of("T", trial.sequence(), trial.sequence()));
    };
  }

  /** Two publishers that count in one row, and publish what they counted. */
  public static Trial.Scenario rowLock(TestDatabase database) {
    database.query("create table if not exists counter (id text primary key, value int)");
    return (trial, connection) -> List.of(counting(trial, "P"), counting(trial, "Q"),
        Script.of("S", trial.sequence(), trial.sequence()));
  }

  /** The log has the order of the row's lock. */
  public static void checkCounted(Trial trial, Connection connection) {
    assertThat(trial.inOrder()).as("the log has the order of the row's lock").isSorted();
  }

  private static Script counting(Trial trial, String session) {
    String[] counted = new String[1];
    List<Step> steps = new ArrayList<>();
    steps.add(Step.sql("begin; select pg_current_xact_id()"));
    steps.add(new Step("count", connection -> counted[0] = Rows.of(connection, COUNT, trial.queue()).text()));
    steps.add(new Step("publish", connection -> {
      trial.history().attempted(counted[0], "key");
      return trial.publish(counted[0]).work().run(connection);
    }));
    steps.add(new Step("commit", connection -> {
      Rows.of(connection, "commit");
      trial.history().acknowledged(counted[0]);
      return null;
    }));
    return new Script(session, steps);
  }

  /** Two publishers, in turns, each message in a transaction of its own; nobody sequences meanwhile. */
  public static Trial.Scenario turns() {
    return (trial, connection) -> List.of(script("P", List.of(whole(trial, "a1"), whole(trial, "a2"))),
        script("Q", List.of(whole(trial, "b1"), whole(trial, "b2"))));
  }

  private static Step whole(Trial trial, String message) {
    return new Step("publish", connection -> {
      trial.published(connection, message);
      return null;
    });
  }

  /** Two consumers, and leases that end between any two of their steps. */
  public static Trial.Scenario claimsAndLapses() {
    return (trial, connection) -> {
      trial.published(connection, "a", "b", "c", "d");
      return List.of(consumer(trial, "A"), consumer(trial, "B"), Script.of("K", trial.lapse(), trial.lapse()));
    };
  }

  /** A consumer that claims two messages and settles them, twice. */
  public static Script consumer(Trial trial, String session) {
    TrialConsumer consumer = trial.consumer();
    return Script.of(session, consumer.claim(2), consumer.settle(), consumer.claim(2), consumer.settle());
  }

  /** Messages that come one by one, each of them sequenced by the claim that takes it. */
  public static Trial.Scenario oneByOne() {
    return (trial, connection) -> {
      trial.published(connection, "a");
      TrialConsumer consumer = trial.consumer();
      return List.of(Script.of("A", consumer.claim(1), consumer.settle(), consumer.claim(1), consumer.settle()),
          script("P", List.of(whole(trial, "b"), whole(trial, "c"))));
    };
  }

  /** Nothing more than every trial checks. */
  public static void nothingMore(Trial trial, Connection connection) throws SQLException {
    // the promises that every trial keeps are enough
  }
}
