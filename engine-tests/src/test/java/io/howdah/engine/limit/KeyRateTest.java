package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** At most so many messages of one key are handed out within any period, whoever claims, and no key waits for another. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyRateTest {
  private static final Duration PERIOD = Duration.ofSeconds(63);

  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  KeyRateTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true)");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    database.heal();
  }

  private void queue(String options) {
    a.execute("select howdah.create_queue('q', ?::json)", options);
  }

  /** Publishes messages, one for each letter, which is its key; a dot is a message without a key. */
  private void publish(String keys) {
    for (char key : keys.toCharArray()) {
      a.execute("select howdah.publish('q', to_json(?::text), key => ?)", String.valueOf(key),
          key == '.' ? null : String.valueOf(key));
    }
  }

  /** Claims as often as something comes; the keys of what came, in order. */
  private String handedOut() {
    return handedOut(100);
  }

  private String handedOut(int quantity) {
    StringBuilder keys = new StringBuilder();
    for (Claim claim = Claim.of(a, "q", quantity); !claim.isEmpty(); claim = Claim.of(a, "q", quantity)) {
      keys.append(String.join("", claim.payloads()).replace("\"", ""));
      claim.done(a);
    }
    return keys.toString();
  }

  private static String sorted(String keys) {
    return keys.chars().sorted().collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100})
  void eachKeyHasThePeriodForItself(int quantity) {
    queue("{\"key_rate\": 2, \"key_rate_period\": \"1 min\"}");
    publish("xxxxxyyyz.....");
    assertThat(sorted(handedOut(quantity))).isEqualTo(".....xxyyz");
    clock.advance(Duration.ofSeconds(59));
    assertThat(handedOut(quantity)).isEmpty();
    clock.advance(Duration.ofSeconds(4));
    assertThat(sorted(handedOut(quantity))).isEqualTo("xxy");
    clock.advance(PERIOD);
    assertThat(handedOut(quantity)).isEqualTo("x");
    assertThat(a.execute("select count(*) from howdah.parked").number()).isZero();
    assertThat(a.execute("select count(*) from howdah.lane").number()).isZero();
  }

  @Test
  void whatWasHandedOutCountsForOnePeriodFromThen() {
    queue("{\"key_rate\": 3, \"key_rate_period\": \"1 min\"}");
    publish("x");
    handedOut();
    clock.advance(Duration.ofSeconds(30));
    publish("xxxxx");
    assertThat(handedOut()).isEqualTo("xx");
    clock.advance(Duration.ofSeconds(33));
    assertThat(handedOut()).isEqualTo("x");
    clock.advance(Duration.ofSeconds(30));
    assertThat(handedOut()).isEqualTo("xx");
  }

  @Test
  void waitingBurnsNoAttemptsAndWritesNothing() {
    queue("{\"key_rate\": 1, \"key_rate_period\": \"1 min\"}");
    publish("xxx");
    handedOut();
    b.begin();
    for (int i = 0; i < 20; i++) {
      assertThat(Claim.of(b, "q", 10).isEmpty()).isTrue();
    }
    assertThat(b.execute("select pg_current_xact_id_if_assigned()").text()).isEqualTo("null");
    b.commit();
    clock.advance(PERIOD);
    assertThat(Claim.of(b, "q", 10).attempts()).containsExactly(1);
  }

  @Test
  void nextPermitAndNextDueSayWhenToComeAgain() {
    queue("{\"key_rate\": 1, \"key_rate_period\": \"1 min\"}");
    publish("xxy");
    assertThat(a.execute("select howdah.next_permit('q', 'x')").text()).isEqualTo("null");
    Claim.of(a, "q", 1);
    clock.advance(Duration.ofSeconds(20));
    assertThat(Claim.of(a, "q", 10).payloads()).containsExactly("\"y\"");
    assertThat(a.execute("select howdah.next_permit('q', 'x') - howdah.now() between '30 s' and '42 s'").text())
        .isEqualTo("true");
    assertThat(a.execute("select howdah.next_permit('q', 'y') - howdah.now() between '45 s' and '62 s'").text())
        .isEqualTo("true");
    assertThat(a.execute("select howdah.next_permit('q', 'z'), howdah.next_permit('q')").text()).isEqualTo("null");
    assertThat(a.execute("select howdah.next_due('q') - howdah.now() between '30 s' and '42 s'").text())
        .isEqualTo("true");
    assertThat(a.execute("select state from howdah.state('q')").text()).isEqualTo("ready");
  }

  @Test
  void whatComesBackIsCountedAgain() {
    queue("{\"key_rate\": 3, \"key_rate_period\": \"10 min\"}");
    publish("xxxx");
    Claim lost = Claim.of(a, "q", 2);
    clock.advance(Duration.ofMinutes(1));
    Claim again = Claim.of(b, "q", 100);
    assertThat(again.positions()).as("one is left of three").hasSize(1).isSubsetOf(lost.positions());
    assertThat(again.attempts()).containsExactly(2);
    a.execute("select howdah.settle(?, ?, array['retry'], array['1 s']::interval[])", again.token(),
        again.positions().toArray(Long[]::new));
    clock.advance(Duration.ofMinutes(1));
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
    clock.advance(Duration.ofMinutes(10));
    assertThat(Claim.of(b, "q", 100).positions()).hasSizeBetween(1, 3);
  }

  @Test
  void whatHasExpiredUsesUpNoPermit() {
    queue("{\"key_rate\": 2, \"key_rate_period\": \"1 min\"}");
    a.execute("select howdah.publish('q', '\"x\"', key => 'x', ttl => '1 s') from generate_series(1, 5)");
    publish("xxx");
    clock.advance(Duration.ofSeconds(2));
    String now = handedOut();
    clock.advance(PERIOD);
    assertThat(now + handedOut()).isEqualTo("xxx");
    clock.advance(PERIOD);
    assertThat(a.execute("select ready from howdah.stats('q')").number()).isZero();
  }

  @Test
  void anotherRateHoldsForTheNextClaim() {
    queue("{\"key_rate\": 1, \"key_rate_period\": \"1 h\"}");
    publish("xxxxxx");
    assertThat(handedOut()).isEqualTo("x");
    a.execute("select howdah.alter_queue('q', '{\"key_rate\": 3}')");
    assertThat(handedOut()).isEqualTo("xx");
    a.execute("select howdah.alter_queue('q', '{\"key_rate\": 2, \"key_rate_period\": \"1 min\"}')");
    assertThat(handedOut()).isEmpty();
    clock.advance(PERIOD);
    assertThat(handedOut()).isEqualTo("xx");
    a.execute("select howdah.alter_queue('q', '{\"key_rate\": \"infinite\"}')");
    assertThat(handedOut()).isEqualTo("x");
  }

  /** On a clock that stands still while somebody claims, so that this does not depend on the machine. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 30})
  void aConsumerThatComesWhenItIsToldToUsesTheRateOfEachKey(int rate) {
    queue("{\"key_rate\": " + rate + "}");
    a.execute("select howdah.publish_many('q', array(select to_json(n % 2)::text from generate_series(1, ?) n),"
        + " keys => array(select 'k' || n % 2 from generate_series(1, ?) n))", 20 * rate, 20 * rate);
    String start = a.execute("select clock_timestamp()::text").text();
    a.execute("create sequence if not exists public.frozen");
    a.execute("select setval('public.frozen', 1)");
    database.sabotage("now", "clock_timestamp()",
        "(timestamptz '" + start + "' + pg_sequence_last_value('public.frozen'::regclass) * interval '1 microsecond')");
    String handedOut = handedOut();
    for (long micros = 1; micros < 5_000_000;) {
      micros += a.execute("select (extract(epoch from howdah.next_due('q') - howdah.now()) * 1000000)::bigint")
          .number();
      a.execute("select setval('public.frozen', ?)", micros);
      handedOut += handedOut();
    }
    long zeros = handedOut.chars().filter(key -> key == '0').count();
    assertThat(zeros).isBetween(5L * rate * 95 / 100, 6L * rate);
    assertThat(handedOut.length() - zeros).isBetween(5L * rate * 95 / 100, 6L * rate);
  }

  @Test
  void allLimitsHoldTogether() {
    queue(
        "{\"key_rate\": 3, \"key_rate_period\": \"1 min\", \"key_concurrency\": 2, \"rate\": 4, \"rate_period\": \"1 min\","
            + " \"concurrency\": 3}");
    publish("xxxxxyyyyzz");
    Claim first = Claim.of(a, "q", 100);
    assertThat(first.payloads()).containsExactly("\"x\"", "\"x\"", "\"y\"");
    first.done(a);
    Claim second = Claim.of(a, "q", 100);
    assertThat(second.payloads()).hasSize(1);
    second.done(a);
    assertThat(Claim.of(a, "q", 100).isEmpty()).isTrue();
    clock.advance(PERIOD);
    assertThat(Claim.of(a, "q", 100).positions()).hasSize(3);
  }

  @Test
  void anOrderedQueueKeepsItsOrderAndTheRateOfEachKey() {
    queue("{\"ordering\": \"key\", \"key_rate\": 2, \"key_rate_period\": \"1 min\", \"backoff\": \"fixed\","
        + " \"delay\": \"1 s\"}");
    a.execute("select howdah.publish('q', to_json(n), key => 'k' || n % 2) from generate_series(1, 8) n");
    Claim first = Claim.of(a, "q", 100);
    assertThat(first.payloads()).containsExactly("1", "2", "3", "4");
    a.execute("select howdah.settle(?, array[1], array['retry'])", first.token());
    clock.advance(Duration.ofSeconds(5));
    assertThat(Claim.of(a, "q", 100).isEmpty()).as("no period for its retry").isTrue();
    clock.advance(PERIOD);
    StringBuilder payloads = new StringBuilder();
    for (int round = 0; round < 4; round++) {
      payloads.append(handedOut()).append(' ');
      clock.advance(PERIOD);
    }
    String odd = payloads.toString().replaceAll("[2468]", "");
    String even = payloads.toString().replaceAll("[1357 ]", "");
    assertThat(odd.replace(" ", "")).isEqualTo("1357");
    assertThat(even).isEqualTo("68");
    assertThat(odd.split(" ")).allMatch(period -> period.length() <= 2);
  }

  @Test
  void aScopeOfJobsHasARateForEachQueue() {
    a.execute("select howdah.drop_queue('jobs', true), howdah.create_job_scope('jobs', '{\"key_rate\": 1,"
        + " \"key_rate_period\": \"1 min\"}')");
    a.execute("select howdah.publish('jobs', to_json(n), key => 'k' || n % 2) from generate_series(1, 4) n");
    Claim first = Claim.of(a, "jobs", 100);
    assertThat(first.positions()).hasSize(2);
    first.done(a);
    assertThat(Claim.of(a, "jobs", 100).isEmpty()).isTrue();
    clock.advance(PERIOD);
    assertThat(Claim.of(a, "jobs", 100).positions()).hasSize(2);
    a.execute("select howdah.drop_queue('jobs', true)");
  }

  @Test
  void whatWasStartedLateCountsFromItsStart() {
    queue("{\"key_rate\": 2, \"key_rate_period\": \"1 min\"}");
    publish("xxxxyyyy");
    assertThat(sorted(handedOut())).isEqualTo("xxyy");
    clock.advance(Duration.ofSeconds(20));
    a.execute("select howdah.started_late('q', 2, '20 s', keys => '{x}')");
    clock.advance(Duration.ofSeconds(43));
    assertThat(sorted(handedOut())).isEqualTo("xyy");
    Refusal.expect("22023", a, "select howdah.started_late('q', 1, '1 s', keys => '{x,y}')");
  }

  @Test
  void aClockThatIsSetBackCostsOnePeriodAtMost() {
    queue("{\"key_rate\": 2, \"key_rate_period\": \"1 min\"}");
    publish("xxxxxxxxx");
    assertThat(handedOut()).isEqualTo("xx");
    clock.advance(Duration.ofHours(-3));
    assertThat(handedOut()).hasSizeBetween(1, 2);
    clock.advance(PERIOD);
    assertThat(handedOut()).hasSizeBetween(1, 2);
    clock.advance(Duration.ofHours(4));
  }

  @Test
  void housekeepingForgetsWhatNoLongerCountsAndKeepsTheLimit() {
    queue("{\"key_rate\": 5, \"key_rate_period\": \"1 min\"}");
    for (int i = 0; i < 20; i++) {
      publish("xyz");
      handedOut();
      clock.advance(Duration.ofSeconds(13));
    }
    a.execute("select howdah.housekeep()");
    assertThat(a.execute("select count(*) from howdah.handed").number()).isBetween(12L, 60L);
    publish("xxxxx");
    assertThat(handedOut()).as("with the four of the last minute").isEqualTo("x");
    clock.advance(Duration.ofMinutes(5));
    a.execute("select howdah.housekeep()");
    assertThat(a.execute("select count(*) from howdah.handed").number()).isZero();
    assertThat(handedOut()).isEqualTo("xxxx");
  }

  @Test
  void aClaimThatRunsWhileAnotherIsNotCommittedCountsIt() {
    queue("{\"key_rate\": 3, \"key_rate_period\": \"1 min\"}");
    publish("xxxxxy");
    a.begin();
    assertThat(Claim.of(a, "q", 2).positions()).hasSize(2);
    Claim.start(b, "q", 9).awaitBlocked();
    a.commit();
    assertThat(Claim.of(b.await()).payloads()).containsExactly("\"x\"", "\"y\"");
  }

  @Test
  void aClaimThatIsRolledBackReturnsItsPermits() {
    queue("{\"key_rate\": 3, \"key_rate_period\": \"1 min\"}");
    publish("xxxxx");
    a.begin();
    Claim.of(a, "q", 5);
    a.rollback();
    assertThat(Claim.of(b, "q", 9).positions()).hasSize(3);
  }

  /** Teeth. */
  @Test
  void withoutTheBookOfWhatWasHandedOutAKeyExceedsItsRate() {
    queue("{\"key_rate\": 2, \"key_rate_period\": \"1 min\"}");
    publish("xxxxx");
    database.sabotage("note_keys", "if v_sub.key_rate is null then", "if true then");
    assertThat(handedOut()).as("the sabotage was found").hasSizeGreaterThan(2);
  }
}
