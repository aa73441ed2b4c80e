package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** At most so many messages of a queue are handed out within any period, whoever claims. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RateTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  RateTest(TestDatabase database, TestClock clock) {
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

  private void queue(String options, int messages) {
    a.execute("select howdah.create_queue('q', ?::json)", options);
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, ?) n))", messages);
  }

  /** Claims as often as something comes; how many messages that were. */
  private int handedOut() {
    int count = 0;
    for (Claim claim = Claim.of(a, "q", 1000); !claim.isEmpty(); claim = Claim.of(a, "q", 1000)) {
      count += claim.positions().size();
      claim.done(a);
    }
    return count;
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "10, 10", "100, 99", "1000, 990"})
  void aPeriodHandsOutTheRateAndNoMore(int rate, int most) {
    queue("{\"rate\": " + rate + ", \"rate_period\": \"1 min\"}", 3000);
    assertThat(handedOut()).isEqualTo(most);
    clock.advance(Duration.ofSeconds(59));
    assertThat(handedOut()).isZero();
    clock.advance(Duration.ofSeconds(4));
    assertThat(handedOut()).isEqualTo(most);
  }

  @Test
  void whatWasHandedOutCountsForOnePeriodFromThen() {
    queue("{\"rate\": 10, \"rate_period\": \"1 min\"}", 100);
    Claim.of(a, "q", 4).done(a);
    clock.advance(Duration.ofSeconds(30));
    assertThat(handedOut()).isEqualTo(6);
    clock.advance(Duration.ofSeconds(33));
    assertThat(handedOut()).isEqualTo(4);
    clock.advance(Duration.ofSeconds(30));
    assertThat(handedOut()).isEqualTo(6);
  }

  /** So that the starts of the handlers, each a little late, do not crowd where two bursts meet. */
  @Test
  void aShortPeriodIsNotUsedUpInOneBurst() {
    queue("{\"rate\": 100}", 1000);
    assertThat(Claim.of(a, "q", 100).positions()).hasSizeBetween(1, 4);
    queueOf("second", "{\"rate\": 3}");
    assertThat(Claim.of(a, "second", 100).positions()).hasSize(1);
    a.execute("select howdah.drop_queue('second', true)");
  }

  private void queueOf(String name, String options) {
    a.execute("select howdah.create_queue(?, ?::json)", name, options);
    a.execute("select howdah.publish_many(?, array(select n::text from generate_series(1, 10) n))", name);
  }

  @Test
  void whatComesBackIsCountedAgain() {
    queue("{\"rate\": 10, \"rate_period\": \"10 min\"}", 100);
    Claim lost = Claim.of(a, "q", 4);
    clock.advance(MINUTE);
    Claim again = Claim.of(b, "q", 100);
    assertThat(again.positions()).isEqualTo(lost.positions());
    a.execute("select howdah.release(?)", again.token());
    clock.advance(Duration.ofSeconds(2));
    Claim third = Claim.of(b, "q", 100);
    assertThat(third.positions()).as("two are left of ten").containsExactly(1L, 2L);
    assertThat(third.attempts()).containsOnly(2);
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
  }

  @Test
  void whatHasExpiredUsesUpNoPermit() {
    a.execute("select howdah.create_queue('q', '{\"rate\": 5, \"rate_period\": \"1 min\"}')");
    a.execute("select howdah.publish('q', '1', ttl => '1 s') from generate_series(1, 40)");
    a.execute("select howdah.publish('q', '2') from generate_series(1, 3)");
    clock.advance(Duration.ofSeconds(2));
    assertThat(handedOut()).isEqualTo(3);
    a.execute("select howdah.publish('q', '3') from generate_series(1, 3)");
    assertThat(handedOut()).isEqualTo(2);
  }

  @Test
  void waitingBurnsNoAttemptsAndWritesNothing() {
    queue("{\"rate\": 5, \"rate_period\": \"1 min\"}", 100);
    handedOut();
    b.begin();
    for (int i = 0; i < 50; i++) {
      assertThat(Claim.of(b, "q", 10).isEmpty()).isTrue();
    }
    assertThat(b.execute("select pg_current_xact_id_if_assigned()").text()).isEqualTo("null");
    b.commit();
    clock.advance(Duration.ofSeconds(63));
    assertThat(Claim.of(b, "q", 10).attempts()).hasSize(5).containsOnly(1);
  }

  @Test
  void nextPermitSaysWhenToComeAgain() {
    queue("{\"rate\": 5, \"rate_period\": \"1 min\"}", 100);
    assertThat(a.execute("select howdah.next_permit('q')").text()).isEqualTo("null");
    Claim.of(a, "q", 2);
    assertThat(a.execute("select howdah.next_permit('q')").text()).isEqualTo("null");
    clock.advance(Duration.ofSeconds(20));
    Claim.of(a, "q", 3);
    assertThat(a.execute("select howdah.next_permit('q') - howdah.now() between '41 s' and '43 s'").text())
        .isEqualTo("true");
    clock.advance(Duration.ofSeconds(43));
    assertThat(a.execute("select howdah.next_permit('q')").text()).isEqualTo("null");
    Refusal.expect("HD404", a, "select howdah.next_permit('nowhere')");
    a.execute("select howdah.alter_queue('q', '{\"rate\": \"infinite\"}')");
    assertThat(a.execute("select howdah.next_permit('q')").text()).isEqualTo("null");
  }

  @Test
  void whatWasStartedLateCountsFromItsStart() {
    queue("{\"rate\": 5, \"rate_period\": \"1 min\"}", 100);
    Claim.of(a, "q", 5).done(a);
    clock.advance(Duration.ofSeconds(20));
    a.execute("select howdah.started_late('q', 3, '20 s')");
    clock.advance(Duration.ofSeconds(43));
    assertThat(handedOut()).as("two of the five were started at once").isEqualTo(2);
    assertThat(a.execute("select howdah.next_permit('q') - howdah.now() between '17 s' and '20 s'").text())
        .isEqualTo("true");
    clock.advance(Duration.ofSeconds(20));
    assertThat(handedOut()).isEqualTo(3);
    clock.advance(Duration.ofMinutes(5));
    assertThat(handedOut()).isEqualTo(5);
    a.execute("select howdah.housekeep()");
    assertThat(a.execute("select count(*) from howdah.started_late").number()).isZero();
    Refusal.expect("22023", a, "select howdah.started_late('q', 0, '1 s')");
    Refusal.expect("22023", a, "select howdah.started_late('q', 1, '-1 s')");
    Refusal.expect("HD404", a, "select howdah.started_late('nowhere', 1, '1 s')");
  }

  @Test
  void anotherRateHoldsForTheNextClaim() {
    queue("{\"rate\": 5, \"rate_period\": \"1 min\"}", 100);
    assertThat(handedOut()).isEqualTo(5);
    a.execute("select howdah.alter_queue('q', '{\"rate\": 8}')");
    assertThat(handedOut()).isEqualTo(3);
    a.execute("select howdah.alter_queue('q', '{\"rate\": 2}')");
    clock.advance(Duration.ofSeconds(63));
    assertThat(handedOut()).isEqualTo(2);
    a.execute("select howdah.alter_queue('q', '{\"rate_period\": \"1 h\"}')");
    clock.advance(Duration.ofSeconds(63));
    assertThat(handedOut()).isZero();
    a.execute("select howdah.alter_queue('q', '{\"rate\": \"infinite\"}')");
    assertThat(handedOut()).isEqualTo(90);
  }

  @Test
  void rateAndConcurrencyHoldTogether() {
    queue("{\"rate\": 5, \"rate_period\": \"1 min\", \"concurrency\": 3}", 100);
    Claim first = Claim.of(a, "q", 100);
    assertThat(first.positions()).hasSize(3);
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
    first.done(a);
    assertThat(Claim.of(b, "q", 100).positions()).hasSize(2);
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
  }

  @Test
  void housekeepingForgetsWhatNoLongerCountsAndKeepsTheLimit() {
    queue("{\"rate\": 10, \"rate_period\": \"1 min\"}", 1000);
    for (int i = 0; i < 30; i++) {
      Claim.of(a, "q", 1).done(a);
      clock.advance(Duration.ofSeconds(12));
    }
    a.execute("select howdah.housekeep()");
    assertThat(a.execute("select count(*) from howdah.handed").number()).isBetween(5L, 20L);
    assertThat(handedOut()).as("with the five of the last minute").isEqualTo(5);
  }

  @Test
  void aClockThatIsSetBackCostsOnePeriodAtMost() {
    queue("{\"rate\": 5, \"rate_period\": \"1 min\"}", 100);
    assertThat(handedOut()).isEqualTo(5);
    clock.advance(Duration.ofHours(-3));
    assertThat(handedOut()).isBetween(1, 5);
    clock.advance(Duration.ofSeconds(63));
    assertThat(handedOut()).isEqualTo(5);
    clock.advance(Duration.ofSeconds(-30));
    assertThat(handedOut()).isZero();
    clock.advance(Duration.ofSeconds(93));
    assertThat(handedOut()).isEqualTo(5);
  }

  @Test
  void aClaimThatRunsWhileAnotherIsNotCommittedCountsIt() {
    queue("{\"rate\": 5, \"rate_period\": \"1 min\"}", 100);
    a.begin();
    assertThat(Claim.of(a, "q", 4).positions()).hasSize(4);
    Claim.start(b, "q", 9).awaitBlocked();
    a.commit();
    assertThat(Claim.of(b.await()).positions()).hasSize(1);
  }

  @Test
  void aClaimThatIsRolledBackReturnsItsPermits() {
    queue("{\"rate\": 5, \"rate_period\": \"1 min\"}", 100);
    a.begin();
    Claim.of(a, "q", 5);
    a.rollback();
    assertThat(Claim.of(b, "q", 9).positions()).hasSize(5);
  }

  /** Teeth. */
  @Test
  void withoutTheCheckUnderTheLockTwoThatRaceExceedTheRate() {
    queue("{\"rate\": 5, \"rate_period\": \"1 min\"}", 100);
    database.sabotage("take", "howdah.permitted(v_sub, v_head, v_owner, v_quantity)", "v_quantity");
    a.begin();
    Claim.of(a, "q", 5);
    Claim.start(b, "q", 5).awaitBlocked();
    a.commit();
    assertThat(Claim.of(b.await()).positions()).as("the sabotage was found").hasSize(5);
  }

  /** The engine as it is, at its own pace: what two sessions get at their fastest, by the database's clock. */
  @Test
  void noSecondOfAQueueThatIsClaimedAsFastAsPossibleShowsMoreThanTheRate() {
    queue("{\"rate\": 50}", 1000);
    List<Long> micros = new ArrayList<>();
    long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
    while (System.nanoTime() < end) {
      for (Session session : List.of(a, b)) {
        Claim claim = Claim.of(session, "q", 10);
        if (!claim.isEmpty()) {
          claim.done(session);
          long at = a.execute("select (extract(epoch from max(at)) * 1000000)::bigint from howdah.handed").number();
          claim.positions().forEach(position -> micros.add(at));
        }
      }
    }
    for (int i = 50; i < micros.size(); i++) {
      assertThat(micros.get(i) - micros.get(i - 50)).isGreaterThan(1_000_000);
    }
    assertThat(micros.size()).isGreaterThan(190 * 95 / 100);
  }
}
