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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Bindings change between any two steps of a publisher and a consumer. What is bound all the time comes once; what is bound
 * for a while comes if it was committed in that while, and not if it was committed before or after.
 */
@HowdahTest
class BindingPermutationsTest {
  private final TestDatabase database;

  BindingPermutationsTest(TestDatabase database) {
    this.database = database;
  }

  @AfterEach
  void heal() {
    database.heal();
  }

  @Test
  void nothingIsLostOrSkippedWhileBindingsChange() throws SQLException {
    sample(400).assertKept();
  }

  @Test
  void bindingsThatCountForWhatWasCommittedBeforeAreFoundOut() throws SQLException {
    database.sabotage("sift", "b.since <= v_from", "true");
    assertThat(sample(1000).failure()).isPresent();
  }

  private Permutations.Report sample(int limit) throws SQLException {
    try (Connection connection = database.connect(); Permutations permutations = Permutations.of(database, id -> {
      Life life = new Life("b" + System.nanoTime() + id);
      Rows.of(connection, "select howdah.create_stream(?)", life.stream());
      Rows.of(connection, "select howdah.create_bound_queue(?, ?, '{always}')", life.queue(), life.stream());
      return new Plan(List.of(new Script("P", life.publisher()), new Script("B", life.binder()),
          Script.of("C", life.consume(), life.consume())), () -> life.check(connection));
    })) {
      return permutations.sample(limit, 20);
    }
  }

  /** One schedule's stream and queue, and when what happened there. */
  private static final class Life {
    private final String name;
    private final AtomicInteger time = new AtomicInteger();
    private final Map<String, Integer> begun = new ConcurrentHashMap<>();
    private final Map<String, Integer> ended = new ConcurrentHashMap<>();
    private final List<String> delivered = new CopyOnWriteArrayList<>();

    Life(String name) {
      this.name = name;
    }

    String stream() {
      return "s" + name;
    }

    String queue() {
      return name;
    }

    List<Step> publisher() {
      return List.of(
          step("1",
              "begin; select howdah.publish('%1$s', '\"m1\"', topic => 'while'), "
                  + "howdah.publish('%1$s', '\"a1\"', topic => 'always')"),
          step("m1", "commit"), step("m2", "select howdah.publish('%1$s', '\"m2\"', topic => 'while'), "
              + "howdah.publish('%1$s', '\"a2\"', topic => 'always')"));
    }

    List<Step> binder() {
      return List.of(step("bind", "begin; select howdah.bind('%2$s', 'while')"), step("bound", "commit"),
          step("unbind", "select howdah.unbind('%2$s', 'while')"));
    }

    private Step step(String what, String sql) {
      return new Step(what, connection -> {
        begun.put(what, time.incrementAndGet());
        Rows rows = Rows.of(connection, sql.formatted(stream(), queue()));
        ended.put(what, time.incrementAndGet());
        return rows;
      });
    }

    Step consume() {
      return new Step("claim, settle", connection -> {
        consume(connection);
        return null;
      });
    }

    private boolean consume(Connection connection) throws SQLException {
      Rows rows = Rows.of(connection, "select token, payload #>> '{}' from howdah.claim(?, 2)", queue());
      rows.values().forEach(row -> delivered.add(String.valueOf(row.get(1))));
      if (rows.size() > 0) {
        Rows.of(connection, "select howdah.settle(?)", rows.texts().getFirst());
      }
      return rows.size() > 0;
    }

    void check(Connection connection) throws SQLException {
      boolean more = true;
      while (more) {
        more = consume(connection);
      }
      assertThat(delivered).doesNotHaveDuplicates().contains("a1", "a2");
      for (String message : List.of("m1", "m2")) {
        if (ended.get(message) < begun.get("bind") || begun.get(message) > ended.get("unbind")) {
          assertThat(delivered).as("not bound").doesNotContain(message);
        } else if (begun.get(message) > ended.get("bound") && ended.get(message) < begun.get("unbind")) {
          assertThat(delivered).as("bound").contains(message);
        }
      }
    }
  }
}
