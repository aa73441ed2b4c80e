package io.howdah.engine.permutations;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.History;
import io.howdah.testkit.HistoryChecker;
import io.howdah.testkit.Permutations;
import io.howdah.testkit.Permutations.Plan;
import io.howdah.testkit.Permutations.Report;
import io.howdah.testkit.Permutations.Script;
import io.howdah.testkit.Permutations.Step;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * One schedule's queue, what its sessions do to it, and what came of it. Publishers take the steps that publish_many takes, one by one,
 * so that every other session can come in between.
 */
public final class Trial {
  private static final long SEED = 20;
  private static final String XID = "begin; select pg_current_xact_id()";
  private static final String SEQ = "select nextval('howdah.block') << 13";
  private static final String INSERT = """
      insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, key, payload)
      select coalesce(?::smallint, howdah.current_segment()), 0, s.id, pg_current_xact_id()::text::bigint, ?::bigint,
        howdah.now(), gen_random_uuid(), 'key', to_json(?::text)
      from howdah.stream s where s.name = ?""";

  private final TestDatabase database;
  private final String queue;
  private final History history = new History();
  private final Map<Long, String> byPosition = new ConcurrentSkipListMap<>();
  private final List<String> tokens = new ArrayList<>();
  private int lapses;
  private int refused;

  private Trial(TestDatabase database, String queue) {
    this.database = database;
    this.queue = queue;
  }

  /** Who does what in one schedule; may publish on the connection what is to be there before it begins. */
  @FunctionalInterface
  public interface Scenario {
    List<Script> scripts(Trial trial, Connection connection) throws SQLException;
  }

  /** What is checked beyond the promises that every trial must keep. */
  @FunctionalInterface
  public interface Extra {
    void check(Trial trial, Connection connection) throws SQLException;
  }

  /** Runs so many schedules of what the scripts say, each on a queue of its own, until one breaks a promise. */
  public static Report sample(TestDatabase database, int limit, Scenario scenario) throws SQLException {
    return sample(database, limit, scenario, (trial, connection) -> {
    });
  }

  /** The same with one more check. */
  public static Report sample(TestDatabase database, int limit, Scenario scenario, Extra extra) throws SQLException {
    String prefix = "q" + System.nanoTime();
    try (Connection connection = database.connect(); Permutations permutations = Permutations.of(database, id -> {
      Trial trial = new Trial(database, prefix + id);
      Rows.of(connection, "select howdah.create_queue(?)", trial.queue);
      return new Plan(scenario.scripts(trial, connection), () -> {
        trial.drain(connection);
        trial.check();
        extra.check(trial, connection);
      });
    })) {
      return permutations.sample(limit, SEED);
    }
  }

  public String queue() {
    return queue;
  }

  /** The messages that came out, by position. */
  public List<String> inOrder() {
    return List.copyOf(byPosition.values());
  }

  /** How a publisher's transaction ends. */
  public enum Ending {
    COMMIT, ROLLBACK, PREPARE
  }

  /** A session of these steps. */
  @SafeVarargs
  public static Script script(String session, List<Step>... parts) {
    return new Script(session, Arrays.stream(parts).flatMap(List::stream).toList());
  }

  /** xid, then seq, then insert, then the end: four steps, or five with PREPARE. */
  public List<Step> publisher(String message, Ending ending) {
    long[] seq = new long[1];
    List<Step> steps = new ArrayList<>();
    steps.add(begin(message));
    steps.add(new Step("seq", connection -> seq[0] = Rows.of(connection, SEQ).number()));
    steps.add(new Step("insert", connection -> Rows.of(connection, INSERT, null, seq[0], message, queue)));
    steps.addAll(end(ending, message));
    return steps;
  }

  /** A publisher that rests between reading the current segment and writing into it. */
  public List<Step> slowPublisher(String message) {
    int[] segment = new int[1];
    List<Step> steps = new ArrayList<>();
    steps.add(new Step("xid, segment", connection -> {
      begin(message).work().run(connection);
      return segment[0] = (int) Rows.of(connection, "select howdah.current_segment()").number();
    }));
    steps.add(new Step("seq, insert",
        connection -> Rows.of(connection, INSERT, segment[0], Rows.of(connection, SEQ).number(), message, queue)));
    steps.addAll(end(Ending.COMMIT, message));
    return steps;
  }

  /** Begins a transaction that will publish these messages, and takes its xid. */
  public Step begin(String... messages) {
    return new Step("xid", connection -> {
      List.of(messages).forEach(message -> history.attempted(message, "key"));
      return Rows.of(connection, XID);
    });
  }

  /** One publish by the function, in the transaction that runs or as one of its own. */
  public Step publish(String message) {
    return Step.sql("select howdah.publish(?, to_json(?::text), key => 'key')", queue, message);
  }

  public List<Step> end(Ending ending, String... messages) {
    String gid = queue + "-" + messages[0];
    Step commit = new Step("commit", connection -> {
      Rows.of(connection, ending == Ending.PREPARE ? "commit prepared '" + gid + "'" : "commit");
      List.of(messages).forEach(history::acknowledged);
      return null;
    });
    return switch (ending) {
      case COMMIT -> List.of(commit);
      case PREPARE -> List.of(Step.sql("prepare transaction '" + gid + "'"), commit);
      case ROLLBACK -> List.of(new Step("rollback", connection -> {
        Rows.of(connection, "rollback");
        List.of(messages).forEach(history::rolledBack);
        return null;
      }));
    };
  }

  /** Messages that are there before the schedule begins. */
  public void published(Connection connection, String... messages) throws SQLException {
    for (String message : messages) {
      history.attempted(message, "key");
      publish(message).work().run(connection);
      history.acknowledged(message);
    }
  }

  public Step sequence() {
    return Step.sql("select howdah.sequence(?)", queue);
  }

  /** Every lease that runs now ends. */
  public Step lapse() {
    return new Step("lapse", connection -> {
      synchronized (tokens) {
        lapses++;
        tokens.forEach(history::voided);
      }
      database.clock().advance(connection, Duration.ofSeconds(40));
      return null;
    });
  }

  /** One consumer of this queue; its claims and settles are steps of one session. */
  public TrialConsumer consumer() {
    return new TrialConsumer(this);
  }

  History history() {
    return history;
  }

  int lapses() {
    synchronized (tokens) {
      return lapses;
    }
  }

  /** A claim that began when so many lapses had been: its lease may have been cut short since. */
  void took(String token, int lapsesBefore) {
    synchronized (tokens) {
      tokens.add(token);
      if (lapses > lapsesBefore) {
        history.voided(token);
      }
    }
  }

  /** A settle was answered that the lease had lapsed. */
  void refuse() {
    synchronized (tokens) {
      refused++;
    }
  }

  /** How many settles came too late. */
  public int refused() {
    synchronized (tokens) {
      return refused;
    }
  }

  void cameAt(long position, String message) {
    byPosition.putIfAbsent(position, message);
  }

  private void drain(Connection connection) throws SQLException {
    if (!tokens.isEmpty()) {
      lapse().work().run(connection);
    }
    TrialConsumer last = consumer();
    while (last.claim(connection, 1000)) {
      last.settle(connection);
    }
  }

  private void check() {
    HistoryChecker.of(queue).assertKept(history);
    long expected = 1;
    for (long position : byPosition.keySet()) {
      assertThat(position).as("positions are dense").isEqualTo(expected++);
    }
  }
}
