package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Rows;
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

/** At most so many messages of a queue are in flight, whoever claims. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConcurrencyTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  ConcurrencyTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q', '{\"concurrency\": 5}')");
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 100) n))");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    database.heal();
  }

  private void limit(String limit) {
    a.execute("select howdah.alter_queue('q', json_build_object('concurrency', ?::json))", limit);
  }

  private long inFlight() {
    return a.execute("select in_flight from howdah.stats('q')").number();
  }

  @Test
  void aClaimForMoreGetsWhatIsPermittedAndTheNextNothing() {
    assertThat(Claim.of(a, "q", 100).positions()).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(Claim.of(b, "q", 1).isEmpty()).isTrue();
    assertThat(inFlight()).isEqualTo(5);
  }

  @Test
  void severalSmallClaimsShareThePermits() {
    Claim first = Claim.of(a, "q", 2);
    assertThat(Claim.of(b, "q", 2).positions()).hasSize(2);
    assertThat(Claim.of(b, "q", 2).positions()).hasSize(1);
    assertThat(Claim.of(b, "q", 2).isEmpty()).isTrue();
    first.done(a);
    assertThat(Claim.of(b, "q", 9).positions()).containsExactly(6L, 7L);
  }

  @Test
  void eachMessageThatIsSettledGivesItsPermitBack() {
    Claim claim = Claim.of(a, "q", 5);
    a.execute("select howdah.settle(?, array[1, 3], array['done', 'reject'], rest => 'open')", claim.token());
    assertThat(Claim.of(b, "q", 9).positions()).containsExactly(6L, 7L);
    a.execute("select howdah.settle(?, array[2], array['retry'], array['1 h']::interval[], rest => 'open')",
        claim.token());
    assertThat(Claim.of(b, "q", 9).positions()).containsExactly(8L);
    a.execute("select howdah.release(?)", claim.token());
    clock.advance(Duration.ofSeconds(2)); // so that the next claim looks for what was handed back first
    assertThat(Claim.of(b, "q", 9).positions()).as("what was handed back").containsExactly(4L, 5L);
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
  }

  @Test
  void aSettlementThatIsNotCommittedGivesNothingBack() {
    Claim claim = Claim.of(a, "q", 5);
    a.begin();
    claim.done(a);
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
    a.rollback();
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
    claim.done(a);
    assertThat(Claim.of(b, "q", 9).positions()).hasSize(5);
  }

  @Test
  void settlingAndClaimingInOneCallGoesOnWithThePermitsOfTheOldOnes() {
    Claim claim = Claim.of(a, "q", 3);
    Claim other = Claim.of(b, "q", 9);
    assertThat(other.positions()).hasSize(2);
    Rows rows = a.execute("select token, position, payload::text, attempt from howdah.settle_and_claim(?, 'q', 100)",
        claim.token());
    assertThat(Claim.of(rows).positions()).containsExactly(6L, 7L, 8L);
    assertThat(inFlight()).isEqualTo(5);
  }

  @Test
  void waitingBurnsNoAttempts() {
    Claim claim = Claim.of(a, "q", 5);
    for (int i = 0; i < 50; i++) {
      assertThat(Claim.of(b, "q", 10).isEmpty()).isTrue();
    }
    claim.done(a);
    Claim next = Claim.of(b, "q", 10);
    assertThat(next.positions()).containsExactly(6L, 7L, 8L, 9L, 10L);
    assertThat(next.attempts()).containsOnly(1);
  }

  @Test
  void consumersThatWaitWriteNothing() {
    Claim.of(a, "q", 5);
    b.begin();
    assertThat(Claim.of(b, "q", 10).isEmpty()).isTrue();
    assertThat(b.execute("select pg_current_xact_id_if_assigned()").text()).isEqualTo("null");
    b.commit();
  }

  @Test
  void whatHasLapsedIsInFlightUntilItIsHandedOutAgain() {
    Claim late = Claim.of(a, "q", 3);
    clock.advance(MINUTE);
    Claim taken = Claim.of(b, "q", 9);
    assertThat(taken.positions()).as("the lapsed ones, in the permits that they have").containsExactly(1L, 2L, 3L);
    assertThat(taken.attempts()).containsOnly(2);
    assertThat(Claim.of(b, "q", 9).positions()).containsExactly(4L, 5L);
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
    assertThat(late.done(a)).isEqualTo("lapsed");
    assertThat(inFlight()).isEqualTo(5);
  }

  @Test
  void aLapsedLeaseThatIsRenewedAfterAllMakesNoRoomMeanwhile() {
    Claim late = Claim.of(a, "q", 5);
    b.execute("select count(*) from howdah.claim('q', 1)");
    clock.advance(MINUTE);
    a.begin().execute("select howdah.renew(?)", late.token());
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
    a.commit();
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
    assertThat(inFlight()).isEqualTo(5);
  }

  @Test
  void aLimitThatIsLoweredHoldsBackUntilEnoughIsSettled() {
    Claim claim = Claim.of(a, "q", 5);
    limit("2");
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
    a.execute("select howdah.settle(?, array[1, 2, 3], array['done', 'done', 'done'], rest => 'open')", claim.token());
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
    a.execute("select howdah.settle(?, array[4], array['done'], rest => 'open')", claim.token());
    assertThat(Claim.of(b, "q", 9).positions()).containsExactly(6L);
  }

  @Test
  void aLimitThatIsRaisedOrTakenAwayHoldsAtOnce() {
    Claim.of(a, "q", 5);
    limit("7");
    assertThat(Claim.of(b, "q", 9).positions()).containsExactly(6L, 7L);
    limit("\"infinite\"");
    assertThat(Claim.of(b, "q", 50).positions()).hasSize(50);
  }

  @Test
  void lapsedSlicesThatNoLongerFitBecomeFreeAndComeBackInPieces() {
    limit("60");
    Claim.of(a, "q", 30);
    Claim.of(a, "q", 30);
    limit("4");
    clock.advance(MINUTE);
    List<Long> positions = new ArrayList<>();
    for (Claim claim = Claim.of(b, "q", 100); !claim.isEmpty(); claim = Claim.of(b, "q", 100)) {
      assertThat(inFlight()).isBetween(1L, 4L);
      positions.addAll(claim.positions());
      claim.done(b);
    }
    assertThat(positions).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void whatIsHandedBackNeedsAPermitLikeAnythingElse() {
    Claim.of(a, "q", 3);
    Claim back = Claim.of(a, "q", 2);
    a.execute("select howdah.release(?)", back.token());
    limit("4");
    clock.advance(Duration.ofSeconds(2));
    Claim one = Claim.of(b, "q", 9);
    assertThat(one.positions()).containsExactly(4L);
    assertThat(one.attempts()).containsOnly(1);
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
  }

  @Test
  void aClaimThatRunsWhileAnotherIsNotCommittedWaitsAndCountsIt() {
    a.begin();
    assertThat(Claim.of(a, "q", 4).positions()).hasSize(4);
    Claim.start(b, "q", 9).awaitBlocked();
    a.commit();
    assertThat(Claim.of(b.await()).positions()).containsExactly(5L);
    assertThat(inFlight()).isEqualTo(5);
  }

  @Test
  void aClaimThatIsRolledBackReturnsItsPermits() {
    a.begin();
    Claim.of(a, "q", 5);
    Claim.start(b, "q", 9).awaitBlocked();
    a.rollback();
    assertThat(Claim.of(b.await()).positions()).hasSize(5);
  }

  /** Teeth: the look before the lock is a guess, and the answer under it decides. */
  @Test
  void withoutTheCheckUnderTheLockTwoThatRaceExceedTheLimit() {
    database.sabotage("take", "howdah.permitted(v_sub, v_head, v_owner, v_quantity)", "v_quantity");
    a.begin();
    Claim.of(a, "q", 5);
    Claim.start(b, "q", 5).awaitBlocked();
    a.commit();
    b.await();
    assertThat(inFlight()).as("the sabotage was found").isEqualTo(10);
  }

  @Test
  void retriesAndTheStreamShareOneLimit() {
    Claim claim = Claim.of(a, "q", 5);
    a.execute("select howdah.settle(?, ?, array(select 'retry' from generate_series(1, 5)), array(select interval '0'"
        + " from generate_series(1, 5)))", claim.token(), claim.positions().toArray(Long[]::new));
    Claim first = Claim.of(a, "q", 3);
    Claim second = Claim.of(b, "q", 9);
    assertThat(first.positions().size() + second.positions().size()).isLessThanOrEqualTo(5);
    while (!Claim.of(b, "q", 9).isEmpty()) {
      assertThat(inFlight()).isLessThanOrEqualTo(5);
    }
    assertThat(inFlight()).isEqualTo(5);
  }

  @Test
  void anOrderedQueueHasItsLimitToo() {
    a.execute("select howdah.create_queue('ordered', '{\"ordering\": \"key\", \"concurrency\": 3}')");
    a.execute("select howdah.publish('ordered', to_json(n), key => 'k' || n % 10) from generate_series(1, 40) n");
    Claim first = Claim.of(a, "ordered", 10);
    assertThat(first.positions()).containsExactly(1L, 2L, 3L);
    assertThat(Claim.of(b, "ordered", 10).isEmpty()).isTrue();
    a.execute("select howdah.settle(?, array[2], array['done'], rest => 'open')", first.token());
    assertThat(Claim.of(b, "ordered", 10).positions()).containsExactly(4L);
    clock.advance(MINUTE);
    List<String> payloads = new ArrayList<>();
    for (Claim claim = Claim.of(b, "ordered", 10); !claim.isEmpty(); claim = Claim.of(b, "ordered", 10)) {
      assertThat(a.execute("select in_flight from howdah.stats('ordered')").number()).isBetween(1L, 3L);
      payloads.addAll(claim.payloads());
      claim.done(b);
    }
    assertThat(payloads).hasSize(39);
    for (int key = 0; key < 10; key++) {
      String last = Integer.toString(key);
      assertThat(payloads.stream().filter(each -> each.endsWith(last)).map(Integer::valueOf).toList()).isSorted();
    }
    a.execute("select howdah.drop_queue('ordered', true)");
  }

  @Test
  void anotherSubscriptionOfTheStreamIsNotLimitedByIt() {
    a.execute("select howdah.create_subscription('free', 'q', 'beginning')");
    Claim.of(a, "q", 5);
    assertThat(Claim.of(b, "free", 100).positions()).hasSize(100);
    a.execute("select howdah.drop_subscription('free', true)");
  }
}
