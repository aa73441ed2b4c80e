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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters are looked at, corrected, sent again once, and deleted. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLetterTest {
  private static final String NUMBERS = "select ready, in_flight, scheduled, dead from howdah.stats('q')";
  private final TestDatabase database;
  private final Session a;
  private final Session b;
  private final TestClock clock;

  DeadLetterTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.a = database.session("a");
    this.b = database.session("b");
    this.clock = clock;
  }

  /** Letters 1 to 6: odd ones of topic odd, with key k1 … k6; the reason of the last two is lapsed. */
  @BeforeEach
  void sixLetters() {
    a.execute("select howdah.drop_queue('q', true), howdah.drop_queue('other', true)");
    a.execute("select howdah.create_queue('q'), howdah.create_queue('other')");
    a.execute("""
        select howdah.publish_many('q', array(select format('{"n": %s}', n) from generate_series(1, 6) n),
          array(select case when n % 2 = 1 then 'odd' else 'even' end from generate_series(1, 6) n),
          array(select 'k' || n from generate_series(1, 6) n),
          array(select format('{"trace": "t-%s"}', n) from generate_series(1, 6) n))""");
    Claim claim = Claim.of(a, "q", 6);
    a.execute("""
        select howdah.settle(?, array[1, 2, 3, 4, 5, 6], array_fill('reject'::text, array[6]),
          reasons => array['bad', 'bad', 'bad', 'bad', 'lapsed', 'lapsed'],
          errors => array(select 'Error no ' || n from generate_series(1, 6) n))""", claim.token());
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    clock.reset();
  }

  private List<String> payloads(String filter) {
    return a.execute("select payload ->> 'n' from howdah.dead_letters('q', ?::json)", filter).texts();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"{}|1 2 3 4 5 6", "{\"reason\": \"lapsed\"}|5 6", "{\"topic\": \"odd\"}|1 3 5",
      "{\"key\": \"k4\"}|4", "{\"topic\": \"odd\", \"reason\": \"lapsed\"}|5", "{\"text\": \"NO 3\"}|3",
      "{\"text\": \"\\\"n\\\": 2\"}|2", "{\"text\": \"t-6\"}|6", "{\"text\": \"%\"}|''", "{\"topic\": \"o\"}|''",
      "{\"since\": \"2000-01-01 00:00+00\"}|1 2 3 4 5 6", "{\"until\": \"2000-01-01 00:00+00\"}|''",
      "{\"ids\": []}|''"})
  void aFilterMeans(String filter, String expected) {
    assertThat(String.join(" ", payloads(filter))).isEqualTo(expected);
    assertThat(a.execute("select howdah.count_dead_letters('q', ?::json)", filter).number())
        .isEqualTo(payloads(filter).size());
  }

  @Test
  void theyAreFoundByTheTimeOfTheirFailure() {
    String between = a.execute("select howdah.now()::text").text();
    clock.advance(Duration.ofMinutes(1));
    a.execute("select howdah.publish('q', '{\"n\": 7}')");
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, array[7], array['reject'])", claim.token());
    assertThat(payloads("{\"since\": \"" + between + "\"}")).containsExactly("7");
    assertThat(payloads("{\"until\": \"" + between + "\"}")).hasSize(6);
  }

  @Test
  void theyAreReadPageByPageAndNoneIsMissedOrShownTwice() {
    long after = 0;
    StringBuilder seen = new StringBuilder();
    for (int page = 0; page < 3; page++) {
      var rows = a.execute("select no, payload ->> 'n' from howdah.dead_letters('q', null, ?, 2)", after).values();
      assertThat(rows).hasSize(2);
      rows.forEach(row -> seen.append(row.get(1)));
      after = (Long) java.util.Objects.requireNonNull(rows.get(1).getFirst());
    }
    assertThat(seen).hasToString("123456");
    assertThat(a.execute("select * from howdah.dead_letters('q', null, ?, 2)", after).size()).isZero();
  }

  @Test
  void allThatIsKnownIsShownAndAllSubscriptionsAtOnce() {
    assertThat(a.execute("""
        select concat_ws(' ', subscription_name, attempts, reason, error, topic, key, headers, payload,
          first_failed_at = failed_at, published_at < failed_at)
        from howdah.dead_letters() where key = 'k3'""").text())
        .isEqualTo("q 1 bad Error no 3 odd k3 {\"trace\": \"t-3\"} {\"n\": 3} t t");
  }

  @Test
  void allAreRedrivenInTheirOrderAndAsIfTheyHadNeverFailed() {
    List<String> ids = a.execute("select id from howdah.dead_letters('q')").texts();
    assertThat(a.execute("select howdah.redrive('q')").number()).isEqualTo(6);
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(6L, 0L, 0L, 0L);
    assertThat(a.execute("select id || ' ' || attempt from howdah.claim('q', 10)").texts())
        .isEqualTo(ids.stream().map(id -> id + " 1").toList());
  }

  @Test
  void someAreRedrivenToAnotherQueue() {
    assertThat(a.execute("select howdah.redrive('q', '{\"topic\": \"odd\"}', 2, target => 'other')").number())
        .isEqualTo(2);
    assertThat(Claim.drain(a, "other")).containsExactly("{\"n\": 1}", "{\"n\": 3}");
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(0L, 0L, 0L, 4L);
  }

  @Test
  void aRateSpreadsThemOverTime() {
    assertThat(a.execute("select howdah.redrive('q', rate => 2)").number()).isEqualTo(6);
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(1L, 0L, 5L, 0L);
    assertThat(a.execute("select round(extract(epoch from max(due) - min(due)) * 10) from howdah.due").number())
        .isEqualTo(20);
    assertThat(Claim.drain(a, "q")).containsExactly("{\"n\": 1}");
    clock.advance(Duration.ofMillis(3_000));
    a.execute("select howdah.promote()");
    assertThat(Claim.drain(a, "q")).hasSize(5);
  }

  @Test
  void redrivingAMessageTwiceSendsItOnce() {
    String filter = "{\"ids\": [\"" + a.execute("select id from howdah.dead_letters('q') limit 1").text() + "\"]}";
    assertThat(a.execute("select howdah.redrive('q', ?::json)", filter).number()).isEqualTo(1);
    assertThat(a.execute("select howdah.redrive('q', ?::json)", filter).number()).isZero();
    assertThat(Claim.drain(a, "q")).hasSize(1);
  }

  @Test
  void ofTwoWhoRedriveAtOnceTheSecondTakesWhatTheFirstHasLeft() {
    a.begin().execute("select howdah.redrive('q', quantity => 4)");
    assertThat(b.execute("select howdah.redrive('q')").number()).isEqualTo(2);
    assertThat(b.execute("select howdah.delete_dead_letters('q', '{}')").number()).isZero();
    a.commit();
    assertThat(Claim.drain(b, "q")).hasSize(6).doesNotHaveDuplicates();
  }

  @Test
  void aRedriveThatIsKilledHalfWayLosesNothing() {
    assertThat(a.execute("select howdah.redrive('q', quantity => 2)").number()).isEqualTo(2);
    try (Session victim = database.session("victim")) {
      victim.begin().execute("select howdah.redrive('q', quantity => 2)");
      b.execute("select pg_terminate_backend(?, 10000)", victim.backend());
    }
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(2L, 0L, 0L, 4L);
    assertThat(a.execute("select howdah.redrive('q')").number()).isEqualTo(4);
    assertThat(Claim.drain(a, "q")).hasSize(6).doesNotHaveDuplicates();
  }

  @Test
  void aPayloadIsCorrectedBeforeItIsRedriven() {
    String id = a.execute("select id from howdah.dead_letters('q', '{\"key\": \"k2\"}')").text();
    assertThat(a.execute("select howdah.edit_dead_letter('q', ?::uuid, '{\"n\": 22}')", id).text()).isEqualTo("true");
    assertThat(a.execute("select headers ->> 'trace' from howdah.dead_letters('q', '{\"key\": \"k2\"}')").text())
        .isEqualTo("t-2");
    a.execute("select howdah.edit_dead_letter('q', ?::uuid, '{\"n\": 222}', '{\"trace\": \"new\"}')", id);
    a.execute("select howdah.redrive('q', '{\"key\": \"k2\"}')");
    assertThat(a.execute("select payload || ' ' || headers from howdah.claim('q', 10)").texts())
        .containsExactly("{\"n\": 222} {\"trace\": \"new\"}");
    assertThat(a.execute("select howdah.edit_dead_letter('q', ?::uuid, '1')", id).text()).isEqualTo("false");
  }

  @Test
  void theyAreDeletedByFilterAndAllTogether() {
    assertThat(a.execute("select howdah.delete_dead_letters('q', '{\"reason\": \"lapsed\"}', 1)").number())
        .isEqualTo(1);
    assertThat(payloads("{}")).containsExactly("1", "2", "3", "4", "6");
    assertThat(a.execute("select howdah.delete_dead_letters('q', '{}')").number()).isEqualTo(5);
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(0L, 0L, 0L, 0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{\"reasons\": \"x\"}", "{\"reason\": 1}", "{\"reason\": null}", "{\"ids\": \"x\"}",
      "{\"ids\": [\"x\"]}", "{\"since\": \"soon\"}", "{\"until\": \"2000-13-01\"}"})
  void aFilterThatCannotBeIsRefusedAndNothingChanges(String filter) {
    Refusal.expect("22023", a, "select howdah.dead_letters('q', ?::json)", filter);
    Refusal.expect("22023", a, "select howdah.count_dead_letters('q', ?::json)", filter);
    Refusal.expect("22023", a, "select howdah.redrive('q', ?::json)", filter);
    Refusal.expect("22023", a, "select howdah.delete_dead_letters('q', ?::json)", filter);
    assertThat(payloads("{}")).hasSize(6);
  }

  @Test
  void otherArgumentsThatCannotBeAreRefused() {
    Refusal.expect("HD404", a, "select howdah.dead_letters('nowhere')");
    Refusal.expect("HD404", a, "select howdah.count_dead_letters('nowhere')");
    Refusal.expect("HD404", a, "select howdah.redrive('nowhere')");
    Refusal.expect("HD404", a, "select howdah.redrive(null)");
    Refusal.expect("HD404", a, "select howdah.redrive('q', target => 'nowhere')");
    Refusal.expect("HD404", a, "select howdah.redrive('q', target => '~q')");
    Refusal.expect("HD404", a, "select howdah.delete_dead_letters('nowhere', '{}')");
    Refusal.expect("HD404", a, "select howdah.edit_dead_letter('nowhere', gen_random_uuid(), '1')");
    Refusal.expect("22023", a, "select howdah.delete_dead_letters('q', null)");
    Refusal.expect("22023", a, "select howdah.delete_dead_letters(null, '{}')");
    Refusal.expect("22023", a, "select howdah.dead_letters('q', quantity => 0)");
    Refusal.expect("22023", a, "select howdah.redrive('q', quantity => 10001)");
    Refusal.expect("22023", a, "select howdah.redrive('q', rate => 0)");
    Refusal.expect("22004", a, "select howdah.edit_dead_letter('q', gen_random_uuid(), null)");
    Refusal.expect("22P05", a, "select howdah.edit_dead_letter('q', gen_random_uuid(), '\"\\u0000\"')");
    Refusal.expect("22023", a, "select howdah.edit_dead_letter('q', gen_random_uuid(), '1', '{\"a\": 1}')");
    assertThat(payloads("{}")).hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"resaon\": \"x\"}", "{\"idz\": []}", "{\"ids\": [\"x\"]}", "{\"since\": \"then\"}", "[]"})
  void aFilterThatCannotBeIsRefusedAlsoWhereThereIsNoLetter(String filter) {
    for (String call : List.of("redrive('other', ?::json)", "delete_dead_letters('other', ?::json)",
        "count_dead_letters('other', ?::json)", "delete_archived('other', ?::json)", "count_archived('other', ?::json)",
        "republish_archived('other', ?::json)", "dead_letters('other', ?::json)", "archived('other', ?::json)")) {
      Refusal.expect("22023", a, "select howdah." + call, filter);
    }
  }

  @Test
  void aTargetThatDoesNotExistIsRefusedAlsoWhereThereIsNoLetter() {
    Refusal.expect("HD404", a, "select howdah.redrive('other', target => 'nowhere')");
    Refusal.expect("HD404", a, "select howdah.republish_archived('other', target => 'nowhere')");
    Refusal.expect("HD404", a, "select howdah.redrive('q', target => 'nowhere')");
  }
}
