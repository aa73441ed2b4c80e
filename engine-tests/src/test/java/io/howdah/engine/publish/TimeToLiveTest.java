package io.howdah.engine.publish;

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

/** A message whose time to live is over is never handed out; it is counted. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TimeToLiveTest {
  private final TestClock clock;
  private final Session a;

  TimeToLiveTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.a = database.session("a");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  @AfterEach
  void resetClock() {
    a.rollback();
    clock.reset();
  }

  private void publish(String payload, String ttl) {
    a.execute("select howdah.publish('q', ?::json, ttl => ?::interval)", payload, ttl);
  }

  private long expired() {
    return a.execute("select expired from howdah.stats('q')").number();
  }

  @Test
  void untilItsTimeIsOverItIsDeliveredAndAfterwardsNot() {
    publish("1", "1 min");
    publish("2", "1 hour");
    a.execute("select howdah.publish('q', '3')");
    clock.advance(Duration.ofSeconds(50));
    assertThat(a.execute("select payload from howdah.peek('q')").size()).isEqualTo(3);
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute("select payload::text from howdah.peek('q')").texts()).containsExactly("2", "3");
    assertThat(Claim.drain(a, "q")).containsExactly("2", "3");
    assertThat(expired()).isEqualTo(1);
    assertThat(a.execute("select ready + in_flight + dead from howdah.stats('q')").number()).isZero();
  }

  @Test
  void whatHasExpiredInAClaimIsSettledAndTheRestKeepsItsToken() {
    publish("1", "1 min");
    a.execute("select howdah.publish('q', '2'), howdah.publish('q', '3')");
    clock.advance(Duration.ofMinutes(2));
    Claim claim = Claim.of(a, "q", 10);
    assertThat(claim.payloads()).containsExactly("2", "3");
    assertThat(a.execute("select in_flight from howdah.stats('q')").number()).isEqualTo(2);
    assertThat(a.execute("select howdah.settle(?, array[?], '{retry}', rest => 'release')", claim.token(),
        claim.positions().getFirst()).text()).isEqualTo("settled");
    assertThat(Claim.drain(a, "q")).containsExactly("3");
    assertThat(expired()).isEqualTo(1);
  }

  @Test
  void aClaimGoesOnBehindSlicesThatHaveExpiredAltogether() {
    for (int i = 0; i < 5; i++) {
      publish("1", "1 min");
    }
    a.execute("select howdah.publish('q', '2')");
    clock.advance(Duration.ofMinutes(2));
    Claim claim = Claim.of(a, "q", 2);
    assertThat(claim.payloads()).containsExactly("2");
    assertThat(expired()).isEqualTo(5);
    assertThat(a.execute("select payload::text from howdah.settle_and_claim(?, 'q', 2)", claim.token()).texts())
        .isEmpty();
  }

  @Test
  void theCallThatSettlesAndClaimsLeavesItOutToo() {
    a.execute("select howdah.publish('q', '1')");
    Claim claim = Claim.of(a, "q", 1);
    publish("2", "1 min");
    publish("3", "1 hour");
    clock.advance(Duration.ofMinutes(2));
    assertThat(a.execute("select payload::text from howdah.settle_and_claim(?, 'q', 1)", claim.token()).texts())
        .containsExactly("3");
    assertThat(expired()).isEqualTo(1);
  }

  @Test
  void aRetryIsNotDeliveredAgainOnceItHasExpired() {
    publish("1", "1 min");
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, ?::bigint[], '{retry}', '{50 s}')", claim.token(), "{1}");
    clock.advance(Duration.ofSeconds(51));
    a.execute("select howdah.promote()");
    claim = Claim.of(a, "q", 1);
    assertThat(claim.attempts()).containsExactly(2);
    a.execute("select howdah.settle(?, ?::bigint[], '{retry}', '{0 s}')", claim.token(), "{1}");
    clock.advance(Duration.ofSeconds(10));
    assertThat(Claim.of(a, "q", 1).isEmpty()).isTrue();
    assertThat(expired()).isEqualTo(1);
  }

  @Test
  void aMessageWhoseLeaseLapsedIsNotDeliveredAgainOnceItHasExpired() {
    publish("1", "1 min");
    publish("2", "1 hour");
    assertThat(Claim.of(a, "q", 2).payloads()).containsExactly("1", "2");
    clock.advance(Duration.ofSeconds(61));
    assertThat(Claim.of(a, "q", 2).payloads()).containsExactly("2");
    assertThat(expired()).isEqualTo(1);
  }

  @Test
  void itCountsFromTheTimeThatADelayedMessageIsDue() {
    a.execute("select howdah.publish('q', '1', delay => '1 hour', ttl => '1 min')");
    clock.advance(Duration.ofMinutes(60).plusSeconds(30));
    a.execute("select howdah.promote()");
    assertThat(Claim.drain(a, "q")).containsExactly("1");
    a.execute("select howdah.publish('q', '2', delay => '1 hour', ttl => '1 min')");
    clock.advance(Duration.ofMinutes(62));
    a.execute("select howdah.promote()");
    assertThat(Claim.drain(a, "q")).isEmpty();
    assertThat(expired()).isEqualTo(1);
  }

  @Test
  void aStreamGivesItsTimeToLiveToMessagesWithoutOne() {
    a.execute("select howdah.alter_stream('q', '{\"ttl\": \"1 min\"}')");
    a.execute("select howdah.publish('q', '1')");
    publish("2", "1 hour");
    a.execute("select howdah.publish_batch(gen_random_uuid(), 'q', '{3}'), howdah.publish_once('q', '4', 'k')");
    clock.advance(Duration.ofMinutes(2));
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    assertThat(expired()).isEqualTo(3);
    a.execute("select howdah.alter_queue('q', '{\"ttl\": \"infinite\"}'), howdah.publish('q', '5')");
    clock.advance(Duration.ofDays(1));
    assertThat(Claim.drain(a, "q")).containsExactly("5");
  }

  @Test
  void asDeadLettersTheyAreKeptIfTheSubscriptionSaysSo() {
    a.execute("select howdah.alter_queue('q', '{\"after_expiry\": \"dead_letter\"}')");
    publish("1", "1 min");
    publish("2", "2 min");
    clock.advance(Duration.ofSeconds(61));
    Claim claim = Claim.of(a, "q", 5);
    assertThat(claim.payloads()).containsExactly("2");
    a.execute("select howdah.settle(?)", claim.token());
    assertThat(a.execute("select payload || ' ' || reason || ' ' || attempts from howdah.dead_letters('q')").texts())
        .containsExactly("1 expired 0");
    assertThat(expired()).isEqualTo(1);
    a.execute("select howdah.redrive('q')");
    assertThat(Claim.drain(a, "q")).as("a redriven letter lives on").containsExactly("1");
  }

  @Test
  void ofABoundQueueOnlyWhatItTakesExpires() {
    a.execute("select howdah.create_stream('s', '0'), howdah.create_bound_queue('b', 's', '{x.#}')");
    a.execute("select howdah.publish_many('s', '{1,2,3,4}', '{x.a,y.a,x.b,x.c}', ttls => '{1 min,1 min,1 h,null}')");
    clock.advance(Duration.ofMinutes(2));
    assertThat(Claim.of(a, "b", 10).payloads()).containsExactly("3", "4");
    assertThat(a.execute("select expired from howdah.stats('b')").number()).isEqualTo(1);
    a.execute("select howdah.drop_stream('s', true)");
  }

  @Test
  void manyThatHaveExpiredAreSettledByOneClaim() {
    a.execute("select cardinality(howdah.publish_many('q', array_agg('1'::text), ttls => array_agg(interval '1 s')))"
        + " from generate_series(1, 20000)");
    a.execute("select howdah.publish('q', '2')");
    clock.advance(Duration.ofSeconds(2));
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    assertThat(expired()).isEqualTo(20_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1 s", "11 years", "infinity"})
  void aTimeThatCannotBeIsRefused(String ttl) {
    if (ttl.equals("infinity")) {
      Refusal.expect("22023", a, "select howdah.alter_stream('q', '{\"ttl\": \"soon\"}')");
    } else {
      Refusal.expect("22023", a, "select howdah.publish('q', '1', ttl => ?::interval)", ttl);
    }
    Refusal.expect("22023", a, "select howdah.publish_many('q', '{1,2}', ttls => '{1 s}')");
    Refusal.expect("22023", a, "select howdah.alter_queue('q', '{\"after_expiry\": \"keep\"}')");
    Refusal.expect("22023", a, "select howdah.alter_queue('q', '{\"ttl\": 5}')");
  }
}
