package io.howdah.engine.permutations;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Permutations;
import io.howdah.testkit.Permutations.Plan;
import io.howdah.testkit.Permutations.Script;
import io.howdah.testkit.Permutations.Step;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Subscriptions are made between any two steps of publishers. One that starts now gets all that commits after it was made,
 * and nothing that was committed before; one that starts at a time gets all that was published since.
 */
@HowdahTest
class StartPermutationsTest {
  private final TestDatabase database;

  StartPermutationsTest(TestDatabase database) {
    this.database = database;
  }

  @AfterEach
  void heal() {
    database.heal();
  }

  @Test
  void aSubscriptionStartsExactlyWhereItIsTold() throws SQLException {
    sample(300).assertKept();
  }

  @Test
  void aStartThatForgetsWhatIsRunningIsFoundOut() throws SQLException {
    database.sabotage("start_cursor", "else v_last", "else v_last + 1");
    assertThat(sample(300).failure()).isPresent();
  }

  private Permutations.Report sample(int limit) throws SQLException {
    try (Connection connection = database.connect(); Permutations permutations = Permutations.of(database, id -> {
      Life life = new Life("s" + System.nanoTime() + id);
      Rows.of(connection, "select howdah.create_stream(?)", life.stream);
      return new Plan(
          List.of(new Script("P", life.publisher("p")), new Script("Q", life.publisher("q")),
              Script.of("S", life.step("now", "select howdah.create_subscription('now%1$s', '%1$s')"),
                  life.step("time", "select howdah.create_subscription('time%1$s', '%1$s', start_time => now())"))),
          () -> life.check(connection));
    })) {
      return permutations.sample(limit, 20);
    }
  }

  /** One schedule's stream, and when what happened there. */
  private static final class Life {
    private final String stream;
    private final AtomicInteger time = new AtomicInteger();
    private final Map<String, Integer> begun = new ConcurrentHashMap<>();
    private final Map<String, Integer> ended = new ConcurrentHashMap<>();

    Life(String stream) {
      this.stream = stream;
    }

    List<Step> publisher(String name) {
      return List.of(step("published " + name, "begin; select howdah.publish('%1$s', '\"" + name + "\"')"),
          step(name, "commit"), step("sequence " + name, "select howdah.sequence('%1$s')"));
    }

    Step step(String what, String sql) {
      return new Step(what, connection -> {
        begun.put(what, time.incrementAndGet());
        Rows rows = Rows.of(connection, sql.formatted(stream));
        ended.put(what, time.incrementAndGet());
        return rows;
      });
    }

    void check(Connection connection) throws SQLException {
      List<String> now = drain(connection, "now" + stream);
      List<String> since = drain(connection, "time" + stream);
      assertThat(now).doesNotHaveDuplicates();
      for (String message : List.of("p", "q")) {
        if (ended.get(message) < begun.get("now")) {
          assertThat(now).as("committed before").doesNotContain(message);
        } else if (begun.get(message) > ended.get("now")) {
          assertThat(now).as("committed after").contains(message);
        }
        if (begun.get("published " + message) > ended.get("time") || begun.get(message) > ended.get("time")) {
          assertThat(since).as("published or committed since").contains(message);
        }
      }
    }

    private static List<String> drain(Connection connection, String subscription) throws SQLException {
      List<String> payloads = new ArrayList<>();
      Rows rows = Rows.of(connection, "select payload #>> '{}' from howdah.claim(?, 10)", subscription);
      while (rows.size() > 0) {
        payloads.addAll(rows.texts());
        rows = Rows.of(connection, "select payload #>> '{}' from howdah.claim(?, 10)", subscription);
      }
      return payloads;
    }
  }
}
