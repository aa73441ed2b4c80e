package io.howdah.engine.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of a queue decide how long what fails waits, how often, and what happens then. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RetryOptionsTest {
  private final Session a;
  private final TestClock clock;

  RetryOptionsTest(TestDatabase database, TestClock clock) {
    this.a = database.session("a");
    this.clock = clock;
  }

  @BeforeEach
  void noQueue() {
    a.execute("select howdah.drop_queue('q', true)");
  }

  @AfterEach
  void leaveNothingBehind() {
    a.rollback();
    clock.reset();
  }

  private void queue(String options) {
    a.execute("select howdah.create_queue('q', ?::json)", options);
  }

  private String options() {
    return a.execute("select options::text from howdah.describe('q')").text();
  }

  private void assertShows(String options) {
    assertThat(a.execute("select options::jsonb @> ?::jsonb from howdah.describe('q')", options).text())
        .as("%s shows %s", options(), options).isEqualTo("true");
  }

  /** Fails the only message once; the seconds until it is due, or null when it is not scheduled. */
  private @Nullable Double fail() {
    Claim claim = Claim.of(a, "q", 1);
    assertThat(claim.positions()).hasSize(1);
    a.execute("select howdah.settle(?, ?, array['retry'])", claim.token(), claim.positions().toArray(Long[]::new));
    List<List<@Nullable Object>> due = a
        .execute("select extract(epoch from due - howdah.now())::float8 from howdah.due").values();
    return due.isEmpty() ? null : (Double) due.getFirst().getFirst();
  }

  private void passes(double seconds) {
    clock.advance(Duration.ofMillis((long) (seconds * 1000) + 10));
    a.execute("select howdah.promote()");
  }

  @Test
  void withoutOptionsItIsTheDefaultPolicyAndSaysSo() {
    a.execute("select howdah.create_queue('q')");
    assertShows(
        """
            {"max_attempts":20,"backoff":"exponential","base":"PT1S","cap":"PT1H","jitter":0.1,"after_last":"dead_letter","ordering":"none","blocking":false,"archive_retention":"infinite","after_expiry":"discard"}""");
  }

  @ParameterizedTest
  @ValueSource(strings = {
      """
          {"max_attempts":3,"backoff":"none","after_last":"discard","ordering":"none","blocking":false,"archive_retention":"infinite","after_expiry":"discard"}""",
      """
          {"max_attempts":"infinite","backoff":"fixed","delay":"PT10S","jitter":0.5,"after_last":"dead_letter","ordering":"none","blocking":false,"archive_retention":"PT720H","after_expiry":"dead_letter"}""",
      """
          {"max_attempts":1,"backoff":"list","delays":["PT0.5S","PT1M","PT720H"],"jitter":0,"after_last":"dead_letter","ordering":"none","blocking":false,"archive_retention":"PT720H","after_expiry":"dead_letter"}""",
      """
          {"max_attempts":30000,"backoff":"exponential","base":"PT2S","cap":"PT24H","jitter":0,"after_last":"dead_letter","ordering":"none","blocking":false,"archive_retention":"PT720H","after_expiry":"dead_letter"}"""})
  void whatDescribeShowsMakesTheSameQueueAgain(String options) {
    queue(options);
    assertShows(options);
    a.execute("select howdah.alter_queue('q', '{\"backoff\": \"none\", \"max_attempts\": 7}')");
    a.execute("select howdah.alter_queue('q', ?::json)", options);
    assertShows(options);
  }

  @Test
  void anExistingQueueKeepsItsOptionsAndAlterChangesOnlyWhatIsNamed() {
    queue("{\"backoff\": \"fixed\", \"delay\": \"5 s\", \"max_attempts\": 4}");
    Refusal.expect("HD409", a, "select howdah.create_queue('q', '{\"base\": \"2 s\"}')");
    a.execute("select howdah.create_queue('q')");
    assertThat(options()).contains("\"fixed\"", "PT5S");
    a.execute("select howdah.alter_queue('q', '{\"delay\": \"7 s\"}')");
    a.execute("select howdah.alter_subscription('q', '{\"after_last\": \"discard\"}')");
    assertThat(options()).contains("\"fixed\"", "PT7S", "\"max_attempts\":4", "\"discard\"");
    a.execute("select howdah.alter_queue('q', '{\"backoff\": \"exponential\"}')");
    assertThat(options()).contains("PT1S", "PT1H", "0.1", "\"max_attempts\":4");
  }

  @Test
  void noneComesBackAtOnce() {
    queue("{\"backoff\": \"none\"}");
    a.execute("select howdah.publish('q', '1')");
    assertThat(fail()).isNull();
    assertThat(Claim.of(a, "q", 1).attempts()).containsExactly(2);
  }

  @Test
  void fixedWaitsTheSameEachTime() {
    queue("{\"backoff\": \"fixed\", \"delay\": \"10 s\"}");
    a.execute("select howdah.publish('q', '1')");
    for (int i = 0; i < 3; i++) {
      assertThat(fail()).isBetween(9.0, 10.0);
      passes(10);
    }
  }

  @Test
  void aListIsFollowedAndItsLastTimeStays() {
    queue("{\"backoff\": \"list\", \"delays\": [\"1 min\", \"5 min\", \"20 s\"]}");
    a.execute("select howdah.publish('q', '1')");
    for (double seconds : new double[]{60, 300, 20, 20}) {
      assertThat(fail()).isBetween(seconds - 1, seconds);
      passes(seconds);
    }
  }

  @Test
  void exponentialDoublesFromTheBaseUpToTheCap() {
    queue("{\"base\": \"10 s\", \"cap\": \"1 min\", \"jitter\": 0}");
    a.execute("select howdah.publish('q', '1')");
    for (double seconds : new double[]{10, 20, 40, 60, 60}) {
      assertThat(fail()).isBetween(seconds - 1, seconds);
      passes(seconds);
    }
  }

  @Test
  void jitterSpreadsTheWaitsOverItsWholeRange() {
    queue("{\"backoff\": \"fixed\", \"delay\": \"100 s\", \"jitter\": 0.5, \"max_attempts\": 1000}");
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 500) n))");
    Claim claim = Claim.of(a, "q", 500);
    a.execute("select howdah.settle(?, ?, array_fill('retry'::text, array[500]))", claim.token(),
        claim.positions().toArray(Long[]::new));
    List<Object> spread = List.copyOf(a.execute("""
        select min(extract(epoch from due - howdah.now()))::float8, max(extract(epoch from due - howdah.now()))::float8
        from howdah.due""").values().getFirst());
    assertThat((Double) spread.get(0)).isBetween(48.0, 60.0);
    assertThat((Double) spread.get(1)).isBetween(140.0, 150.0);
  }

  @Test
  void aDelayThatTheConsumerNamesGoesBeforeThePolicy() {
    queue("{\"backoff\": \"fixed\", \"delay\": \"1 hour\"}");
    a.execute("select howdah.publish('q', '1')");
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, array[1], array['retry'], array['7 s']::interval[])", claim.token());
    assertThat(a.execute("select extract(epoch from due - howdah.now())::int from howdah.due").number()).isBetween(5L,
        7L);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "5"})
  void soManyAttemptsAreMadeAndThenItIsADeadLetterWithItsStory(int attempts) {
    queue("{\"backoff\": \"none\", \"max_attempts\": " + attempts + "}");
    a.execute("select howdah.publish('q', '1')");
    for (int i = 1; i <= attempts; i++) {
      Claim claim = Claim.of(a, "q", 1);
      assertThat(claim.attempts()).containsExactly(i);
      a.execute("select howdah.settle(?, ?, array['retry'], errors => array['error ' || ?])", claim.token(),
          claim.positions().toArray(Long[]::new), i);
      clock.advance(Duration.ofSeconds(10));
    }
    assertThat(Claim.of(a, "q", 1).isEmpty()).isTrue();
    assertThat(a.execute("""
        select attempts || ' ' || reason || ' ' || error || ' '
          || round(extract(epoch from failed_at - first_failed_at) / 10)
        from howdah.dead_letter where sub = (select id from howdah.subscription where name = 'q')""").text())
        .isEqualTo(attempts + " attempts used up error " + attempts + " " + (attempts - 1));
  }

  @Test
  void infiniteNeverGivesUp() {
    queue("{\"backoff\": \"none\", \"max_attempts\": \"infinite\"}");
    a.execute("select howdah.publish('q', '1')");
    fail();
    a.execute("update howdah.log set attempt = 29999 where attempt = 1");
    for (int i = 0; i < 3; i++) {
      fail();
    }
    assertThat(Claim.of(a, "q", 1).attempts()).containsExactly(30_001);
    assertThat(a.execute("select dead from howdah.stats('q')").number()).isZero();
  }

  @Test
  void whatIsDiscardedIsCountedAlsoAfterHousekeepingAndNotKept() {
    queue("{\"backoff\": \"none\", \"max_attempts\": 1, \"after_last\": \"discard\"}");
    a.execute("select howdah.publish_many('q', array['1', '2', '3', '4', '5'])");
    fail();
    fail();
    a.execute("select howdah.housekeep()");
    fail();
    Claim rejected = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, ?, array['reject'])", rejected.token(),
        rejected.positions().toArray(Long[]::new));
    a.execute("select count(*) from howdah.claim('q', 1, '10 ms')");
    clock.advance(Duration.ofMinutes(1));
    assertThat(Claim.of(a, "q", 1).isEmpty()).as("it has lapsed for the last time").isTrue();
    assertThat(a.execute("select discarded, dead, ready, in_flight from howdah.stats('q')").values().getFirst())
        .containsExactly(4L, 1L, 0L, 0L);
    a.execute("select howdah.housekeep()");
    assertThat(a.execute("select discarded from howdah.stats('q')").number()).isEqualTo(4);
  }

  @Test
  void aDiscardThatIsRolledBackIsNotCounted() {
    queue("{\"max_attempts\": 1, \"after_last\": \"discard\"}");
    a.execute("select howdah.publish('q', '1')");
    Claim claim = Claim.of(a, "q", 1);
    a.begin().execute("select howdah.settle(?, array[1], array['retry'])", claim.token());
    a.rollback();
    assertThat(a.execute("select discarded, in_flight from howdah.stats('q')").values().getFirst()).containsExactly(0L,
        1L);
  }

  @Test
  void alterHoldsForTheNextFailureOfWhatIsInFlight() {
    queue("{\"max_attempts\": 20}");
    a.execute("select howdah.publish('q', '1')");
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.alter_queue('q', '{\"max_attempts\": 1}')");
    a.execute("select howdah.settle(?, array[1], array['retry'])", claim.token());
    assertThat(a.execute("select dead from howdah.stats('q')").number()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "{\"max_attempt\": 1}", "{\"process_after\": 1}", "{\"max_attempts\": 0}",
      "{\"max_attempts\": 30001}", "{\"max_attempts\": 1.5}", "{\"max_attempts\": null}", "{\"max_attempts\": \"5\"}",
      "{\"backoff\": \"linear\"}", "{\"backoff\": null}", "{\"backoff\": \"fixed\"}", "{\"backoff\": \"list\"}",
      "{\"backoff\": \"list\", \"delays\": []}", "{\"backoff\": \"list\", \"delays\": [\"x\"]}",
      "{\"backoff\": \"list\", \"delays\": \"1 s\"}", "{\"backoff\": \"fixed\", \"delays\": [\"1 s\"]}",
      "{\"backoff\": \"fixed\", \"delay\": \"-1 s\"}", "{\"backoff\": \"fixed\", \"delay\": \"11 years\"}",
      "{\"backoff\": \"fixed\", \"delay\": 5}", "{\"backoff\": \"fixed\", \"delay\": \"1 s\", \"cap\": \"1 s\"}",
      "{\"backoff\": \"fixed\", \"delay\": \"99999999999999 years\"}", "{\"backoff\": \"none\", \"delay\": \"1 s\"}",
      "{\"backoff\": \"none\", \"jitter\": 0.1}", "{\"delay\": \"1 s\"}", "{\"base\": \"0\"}", "{\"base\": \"2 h\"}",
      "{\"cap\": \"1 ms\"}", "{\"jitter\": 1.1}", "{\"jitter\": -0.1}", "{\"jitter\": \"0.1\"}",
      "{\"archive_retention\": \"0\"}", "{\"archive_retention\": null}", "{\"after_last\": \"block\"}",
      "{\"after_last\": null}", "{\"after_last\": \"discard\", \"max_attempts\": \"infinite\"}"})
  void whatCannotBeIsRefused(String options) {
    Refusal.expect("22023", a, "select howdah.create_queue('q', ?::json)", options);
    assertThat(a.execute("select count(*) from howdah.stream where name = 'q'").number()).isZero();
    a.execute("select howdah.create_queue('q')");
    Refusal.expect("22023", a, "select howdah.alter_queue('q', ?::json)", options);
  }

  @Test
  void whatIsNotThereIsNotAltered() {
    Refusal.expect("HD404", a, "select howdah.alter_queue('nowhere', '{}')");
    Refusal.expect("HD404", a, "select howdah.alter_subscription('nowhere', '{}')");
    Refusal.expect("HD404", a, "select howdah.describe('nowhere')");
    a.execute("select howdah.create_queue('q')");
    Refusal.expect("22023", a, "select howdah.alter_queue('q', null)");
  }
}
