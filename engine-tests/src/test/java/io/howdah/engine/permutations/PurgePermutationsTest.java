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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A purge beside consumers and publishers: each message is purged and counted, or delivered, and never both. */
@HowdahTest
class PurgePermutationsTest {
  private static final int PUBLISHED = 6;
  private final TestDatabase database;

  PurgePermutationsTest(TestDatabase database) {
    this.database = database;
  }

  @ParameterizedTest
  @CsvSource({"none, select howdah.purge(?)", "none, 'select howdah.purge(?, key => ''a'')'",
      "key, select howdah.purge(?)", "key, 'select howdah.purge(?, key => ''a'')'"})
  void whatIsPurgedAndWhatIsDeliveredAreAllThereWas(String ordering, String purge) throws SQLException {
    String prefix = "p" + System.nanoTime();
    try (Connection connection = database.connect(); Permutations permutations = Permutations.of(database, id -> {
      String queue = prefix + id;
      Rows.of(connection, "select howdah.create_queue(?, json_build_object('ordering', ?::text))", queue, ordering);
      publish(queue, 4).work().run(connection);
      AtomicInteger purged = new AtomicInteger();
      AtomicInteger delivered = new AtomicInteger();
      Step purging = new Step("purge", c -> purged.addAndGet((int) Rows.of(c, purge, queue).number()));
      return new Plan(
          List.of(Script.of("A", take(queue, 1, delivered), take(queue, 2, delivered)),
              Script.of("B", take(queue, 2, delivered)), Script.of("P", purging), Script.of("Q", publish(queue, 2))),
          () -> {
            while (take(connection, queue, 100, delivered) > 0) {
              assertThat(delivered.get() + purged.get()).isLessThanOrEqualTo(PUBLISHED);
            }
            assertThat(delivered.get() + purged.get()).isEqualTo(PUBLISHED);
          });
    })) {
      permutations.sample(60, 20).assertKept();
    }
  }

  private static Step publish(String queue, int count) {
    return Step.sql(
        "select howdah.publish_many(?, array_fill('1'::text, array[?]), keys => (array['a','b','a','b'])[:?])", queue,
        count, count);
  }

  /** Claims and settles. */
  private static Step take(String queue, int quantity, AtomicInteger delivered) {
    return new Step("take " + quantity, connection -> take(connection, queue, quantity, delivered));
  }

  private static int take(Connection connection, String queue, int quantity, AtomicInteger delivered)
      throws SQLException {
    Rows rows = Rows.of(connection, "select token from howdah.claim(?, ?)", queue, quantity);
    if (rows.size() > 0) {
      assertThat(Rows.of(connection, "select howdah.settle(?)", rows.texts().getFirst()).text()).isEqualTo("settled");
      delivered.addAndGet(rows.size());
    }
    return rows.size();
  }
}
