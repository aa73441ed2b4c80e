package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SQL alone, as psql sends it: nothing runs beside it, and claim does all that has to be done. */
@HowdahTest
class NoDaemonTest {
  private static final String CLAIM = "select payload #>> '{}' from howdah.claim('jobs', 10)";

  private final TestDatabase database;

  NoDaemonTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void emptyQueue() {
    database.query("select howdah.drop_queue('jobs', true)");
    database.query("select howdah.create_queue('jobs')");
  }

  @Test
  void claimGivesPositionsToWhatWasPublished() {
    database.query("select howdah.publish('jobs', '\"a\"'); select howdah.publish('jobs', '\"b\"')");
    assertThat(database.texts(CLAIM)).containsExactly("a", "b");
  }

  @Test
  void claimHandsOutADelayedMessageWhenItIsDueAndNotBefore() {
    database.query("select howdah.publish('jobs', '\"later\"', delay => '1 hour')");
    assertThat(database.texts(CLAIM)).isEmpty();
    database.clock().advance(Duration.ofMinutes(61));
    assertThat(claimTwice(CLAIM)).containsExactly("later");
  }

  @Test
  void claimHandsOutARetriedMessageAfterItsDelay() {
    database.query("select howdah.publish('jobs', '\"again\"')");
    database.query(
        """
            with c as materialized (select * from howdah.claim('jobs'))
            select howdah.settle(c.token, array[c.position], array['retry'], array[interval '10 min'], array['busy']) from c""");
    assertThat(database.texts(CLAIM)).isEmpty();
    database.clock().advance(Duration.ofMinutes(11));
    assertThat(claimTwice("select (payload #>> '{}') || attempt from howdah.claim('jobs')")).containsExactly("again2");
  }

  /** The claim that finds a message due moves it into the log; it commits with that claim, so the next one hands it out. */
  private List<String> claimTwice(String claim) {
    List<String> messages = new ArrayList<>(database.texts(claim));
    messages.addAll(database.texts(claim));
    return messages;
  }

  @Test
  void claimTakesALapsedLeaseBackAndTheOldTokenIsVoid() {
    database.query("select howdah.publish('jobs', '\"mine\"')");
    String token = database.text("select token from howdah.claim('jobs', lease => '30 s')");
    assertThat(database.texts(CLAIM)).isEmpty();
    database.clock().advance(Duration.ofSeconds(31));
    assertThat(database.texts(CLAIM)).containsExactly("mine");
    assertThat(database.text("select howdah.settle(?)", token)).isEqualTo("lapsed");
  }
}
