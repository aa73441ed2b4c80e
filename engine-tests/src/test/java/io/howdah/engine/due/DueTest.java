package io.howdah.engine.due;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DueTest {
  private static final String PROMOTE = "select howdah.promote()";
  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  DueTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    clock.reset();
  }

  private void publishIn(Session session, String payload, String delay) {
    session.execute("select howdah.publish('q', ?::json, delay => ?::interval)", payload, delay);
  }

  @Test
  void aDelayedMessageComesWhenItIsDueAndNotBefore() {
    publishIn(a, "1", "1 min");
    clock.advance(Duration.ofSeconds(50));
    assertThat(Claim.drain(a, "q")).isEmpty();
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
    assertThat(a.execute(PROMOTE).number()).isZero();
  }

  @Test
  void claimMovesWhatIsDueItself() {
    publishIn(a, "1", "1 min");
    clock.advance(Duration.ofMinutes(2));
    assertThat(Claim.of(a, "q", 1).isEmpty()).as("moved by this claim, ready for the next").isTrue();
    assertThat(Claim.of(a, "q", 1).payloads()).containsExactly("1");
  }

  @Test
  void whatIsDueFirstComesFirst() {
    publishIn(a, "3", "30 s");
    publishIn(a, "1", "10 s");
    publishIn(a, "2", "20 s");
    publishIn(a, "4", "30 s");
    clock.advance(Duration.ofMinutes(1));
    a.execute(PROMOTE);
    assertThat(Claim.drain(a, "q")).containsExactly("1", "2", "3", "4");
  }

  @Test
  void nextDueIsTheEarliestDelayOrRetryOfTheSubscription() {
    assertThat(a.execute("select howdah.next_due('q')").text()).isEqualTo("null");
    publishIn(a, "1", "1 h");
    assertThat(a.execute("select howdah.next_due('q') - howdah.now() between '59 min' and '1 h'").text())
        .isEqualTo("true");
    a.execute("select howdah.publish('q', '2')");
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, array[1], array['retry'], array['10 min'::interval])", claim.token());
    assertThat(a.execute("select howdah.next_due('q') - howdah.now() between '9 min' and '10 min'").text())
        .isEqualTo("true");
  }

  @Test
  void whoComesSecondToPromoteDoesNotWait() {
    publishIn(a, "1", "1 s");
    clock.advance(Duration.ofMinutes(1));
    a.begin();
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(b.execute(PROMOTE).number()).isZero();
    a.commit();
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  /** The watermark is not rolled back with the transaction. */
  @Test
  void whatAPromotionThatWasRolledBackMovedIsMovedAgain() {
    publishIn(a, "1", "1 s");
    clock.advance(Duration.ofMinutes(5));
    a.begin();
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    a.rollback();
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  /** D16. */
  @Test
  void aScheduleThatIsCommittedLongAfterItsTimeIsFound() {
    b.begin();
    publishIn(b, "\"late\"", "1 s");
    for (int i = 0; i < 3; i++) {
      publishIn(a, String.valueOf(i), "1 s");
      clock.advance(Duration.ofMinutes(5));
      assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    }
    b.commit();
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("0", "1", "2", "\"late\"");
  }

  @Test
  void aScheduleWhoseTransactionIsPreparedHoldsNobodyUp() {
    b.begin();
    publishIn(b, "\"prepared\"", "1 s");
    b.prepare("due");
    publishIn(a, "1", "1 s");
    clock.advance(Duration.ofMinutes(5));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    b.commitPrepared("due");
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("1", "\"prepared\"");
  }

  @Test
  void aClaimInATransactionThatStaysOpenLeavesWhatIsDueToOthers() {
    database.sabotage("delivery/look.sql", "else '1 s'", "else '1 h'");
    a.execute("select howdah.drop_queue('elsewhere', true), howdah.create_queue('elsewhere')");
    publishIn(a, "1", "1 s");
    clock.advance(Duration.ofMinutes(1));
    b.begin().execute("select pg_sleep(0.01)");
    assertThat(Claim.of(b, "elsewhere", 1).isEmpty()).isTrue();
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
    b.rollback();
    database.heal();
  }

  @Test
  void whereNobodyElseMovesWhatIsDueAClaimInALongTransactionDoes() {
    publishIn(a, "1", "1 s");
    clock.advance(Duration.ofSeconds(10));
    b.begin().execute("select pg_sleep(0.01)");
    Claim.of(b, "q", 1);
    b.commit();
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void whoHasMovedSomethingAndDoesNotCommitHoldsUpNoOther() {
    database.sabotage("due/promote.sql", "'1 s'", "'1 h'");
    publishIn(a, "1", "1 s");
    publishIn(a, "2", "1 min");
    clock.advance(Duration.ofSeconds(5));
    assertThat(b.begin().execute(PROMOTE).number()).isEqualTo(1);
    clock.advance(Duration.ofMinutes(2));
    assertThat(a.execute(PROMOTE).number()).as("the other may be about to commit").isZero();
    clock.advance(Duration.ofHours(1));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    b.rollback();
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("2", "1");
    database.heal();
  }

  @Test
  void manyAreMovedFiveThousandAtATime() {
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 6000) n),"
        + " delays => array_fill('1 s'::interval, array[6000]))");
    clock.advance(Duration.ofMinutes(1));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(5000);
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1000);
    assertThat(a.execute(PROMOTE).number()).isZero();
    assertThat(Claim.drain(a, "q")).hasSize(6000).startsWith("1", "2", "3").endsWith("5999", "6000");
  }

  /** D17. */
  @Test
  void aRetryIsSeenByItsOwnSubscriptionOnly() {
    a.execute("select howdah.create_subscription('other', 'q', 'beginning')");
    a.execute("select howdah.publish_many('q', array['1', '2'])");
    Claim claim = Claim.of(a, "q", 2);
    a.execute("select howdah.settle(?, array[1], array['retry'], array['1 s'::interval])", claim.token());
    clock.advance(Duration.ofMinutes(1));
    a.execute(PROMOTE);
    a.execute("select howdah.publish('q', '3')");

    a.execute("select howdah.sequence('q')");
    Claim other = Claim.of(a, "other", 10);
    assertThat(other.payloads()).containsExactly("1", "2", "3");
    assertThat(other.positions()).containsExactly(1L, 2L, 3L);
    assertThat(Claim.drain(a, "q")).containsExactlyInAnyOrder("1", "3");
    a.execute("select howdah.drop_subscription('other', true)");
  }
}
