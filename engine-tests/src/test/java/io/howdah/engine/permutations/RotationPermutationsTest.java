package io.howdah.engine.permutations;

import static io.howdah.engine.permutations.Trial.script;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Permutations.Script;
import io.howdah.testkit.Permutations.Step;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Segments are opened and emptied between any two steps of a publisher, who may write into a segment that he chose long ago, and of a
 * consumer, whose cursor and open slices must be carried along.
 */
@HowdahTest
class RotationPermutationsTest {
  private final TestDatabase database;

  RotationPermutationsTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void aSegmentIsFullAtOnce() {
    database.sabotage("advance_segment", "v_bytes >= v_size / 64", "v_bytes >= 0");
  }

  @AfterEach
  void heal() {
    database.heal();
  }

  @Test
  void aSlowPublisherAConsumerAndRotation() throws SQLException {
    long openedBefore = segments();
    Trial.sample(database, 150, (trial, connection) -> {
      trial.published(connection, "a", "b");
      TrialConsumer consumer = trial.consumer();
      return List.of(script("P", trial.slowPublisher("x")),
          Script.of("A", consumer.claim(1), consumer.settle(), consumer.claim(2), consumer.settle()),
          Script.of("K", rotate(), rotate(), rotate()));
    }, (trial, connection) -> Rows.of(connection, "select howdah.drop_queue(?, true)", trial.queue())).assertKept();

    assertThat(segments()).as("segments opened").isGreaterThan(openedBefore + 100);
    assertThat(database.number("select count(*) from howdah.segment")).as("segments in use").isLessThan(8);
  }

  private Step rotate() {
    return new Step("rotate", connection -> {
      database.clock().advance(connection, Duration.ofDays(2));
      return Rows.of(connection, "select * from howdah.housekeep(); select * from howdah.housekeep()");
    });
  }

  private long segments() {
    return database.number("select max(no) from howdah.segment");
  }
}
