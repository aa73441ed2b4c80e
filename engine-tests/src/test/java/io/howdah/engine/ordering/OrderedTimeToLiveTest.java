package io.howdah.engine.ordering;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of an ordered queue, too, a message whose time to live is over is never handed out; it is counted, and its key goes on. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OrderedTimeToLiveTest {
  private final TestClock clock;
  private final Session a;

  OrderedTimeToLiveTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.a = database.session("a");
  }

  @AfterEach
  void resetClock() {
    clock.reset();
  }

  private void create(String ordering) {
    a.execute("select howdah.drop_queue('q', true)");
    a.execute(
        "select howdah.create_queue('q', json_build_object('ordering', ?::text, 'backoff', 'fixed', 'delay', '30 s'))",
        ordering);
  }

  /** A message of the one key, with a time to live of a minute or without one. */
  private void publish(String payload, boolean mortal) {
    a.execute("select howdah.publish('q', ?::json, key => 'k', ttl => ?::interval)", payload, mortal ? "1 min" : null);
  }

  private void fail(Claim claim) {
    a.execute("select howdah.settle(?, array[?], '{retry}', rest => 'release')", claim.token(),
        claim.positions().getFirst());
  }

  private void assertGone(long expired) {
    assertThat(a.execute("select expired from howdah.stats('q')").number()).isEqualTo(expired);
    assertThat(a.execute("select ready + in_flight + blocked + dead from howdah.stats('q')").number()).isZero();
    assertThat(a.execute("select (select count(*) from howdah.parked) + (select count(*) from howdah.lane)").number())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict", "job"})
  void behindAMessageThatBlocksItsKey(String ordering) {
    create(ordering);
    publish("1", false);
    publish("2", true);
    publish("3", true);
    publish("4", false);
    fail(Claim.of(a, "q", 1));
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    clock.advance(Duration.ofMinutes(2));
    assertThat(Claim.drain(a, "q")).containsExactly("1", "4");
    assertGone(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict", "job"})
  void asTheMessageThatBlocksItsKey(String ordering) {
    create(ordering);
    publish("1", true);
    publish("2", false);
    fail(Claim.of(a, "q", 1));
    clock.advance(Duration.ofSeconds(31));
    Claim again = Claim.of(a, "q", 1);
    assertThat(again.payloads()).as("it has half a minute left").containsExactly("1");
    fail(again);
    clock.advance(Duration.ofSeconds(31));
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    assertGone(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict", "job"})
  void parkedBehindOneThatIsInFlight(String ordering) {
    create(ordering);
    publish("1", false);
    publish("2", true);
    publish("3", false);
    Claim first = Claim.of(a, "q", 1);
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    a.execute("select howdah.renew(?, '10 min')", first.token());
    clock.advance(Duration.ofMinutes(2));
    assertThat(first.done(a)).isEqualTo("settled");
    assertThat(Claim.drain(a, "q")).containsExactly("3");
    assertGone(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict", "job"})
  void inFlightWhenItsLeaseLapses(String ordering) {
    create(ordering);
    publish("1", true);
    publish("2", false);
    assertThat(Claim.of(a, "q", 1).payloads()).containsExactly("1");
    clock.advance(Duration.ofMinutes(2));
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    assertGone(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict", "job"})
  void whoHasItAlreadyMayStillSettleIt(String ordering) {
    create(ordering);
    publish("1", true);
    publish("2", false);
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.renew(?, '10 min')", claim.token());
    clock.advance(Duration.ofMinutes(2));
    assertThat(claim.done(a)).isEqualTo("settled");
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    assertGone(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "strict", "job"})
  void asADeadLetterIfTheQueueKeepsThose(String ordering) {
    create(ordering);
    a.execute("select howdah.alter_queue('q', '{\"after_expiry\": \"dead_letter\"}')");
    publish("1", true);
    publish("2", false);
    fail(Claim.of(a, "q", 1));
    clock.advance(Duration.ofMinutes(2));
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    assertThat(a.execute("select payload || ' ' || reason || ' ' || attempts from howdah.dead_letters('q')").texts())
        .containsExactly("1 expired 1");
  }
}
