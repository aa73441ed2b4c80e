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

/** A key that is held until its message is settled stands for that message until then, and not longer. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UntilDoneTest {
  private static final String PUBLISH = "select message from howdah.publish_once('q', '1', 'k', until_done => true)";
  private static final String IS_DUPLICATE = "select duplicate from howdah.publish_once('q', '1', 'k', until_done => true)";
  private final TestClock clock;
  private final Session a;
  private final Session b;

  UntilDoneTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.drop_stream('s', true), howdah.create_queue('q')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    clock.reset();
  }

  private void assertHeld() {
    assertThat(a.execute(IS_DUPLICATE).text()).isEqualTo("true");
  }

  private void assertFree() {
    assertThat(a.execute(IS_DUPLICATE).text()).isEqualTo("false");
  }

  private Claim claim() {
    Claim claim = Claim.of(a, "q", 10);
    assertThat(claim.positions()).hasSize(1);
    return claim;
  }

  private void settle(Claim claim, String outcome) {
    a.execute("select howdah.settle(?, array[?], array[?])", claim.token(), claim.positions().getFirst(), outcome);
  }

  @Test
  void whileItWaitsAndWhileItIsHandledTheKeyIsHeldAndAfterwardsFree() {
    String first = a.execute(PUBLISH).text();
    assertHeld();
    a.execute("select howdah.sequence('q')");
    assertHeld();
    clock.advance(Duration.ofDays(1));
    a.execute("select howdah.housekeep()");
    assertThat(a.execute(PUBLISH).text()).as("after any window").isEqualTo(first);
    Claim claim = claim();
    assertHeld();
    claim.done(a);
    assertThat(a.execute(PUBLISH).text()).isNotEqualTo(first);
    assertHeld();
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void aRetryHoldsItInTheScheduleAndInTheReturnStream() {
    a.execute(PUBLISH);
    Claim claim = claim();
    a.execute("select howdah.settle(?, array[?], '{retry}', '{1 min}')", claim.token(), claim.positions().getFirst());
    assertHeld();
    clock.advance(Duration.ofMinutes(2));
    a.execute("select howdah.promote()");
    assertHeld();
    claim = claim();
    assertThat(claim.attempts()).containsExactly(2);
    assertHeld();
    a.execute("select howdah.settle(?, array[?], '{retry}', '{0}')", claim.token(), claim.positions().getFirst());
    assertHeld();
    claim().done(a);
    assertFree();
  }

  @Test
  void aLapseARleaseAndAPartHoldIt() {
    a.execute(PUBLISH);
    a.execute("select howdah.publish('q', '2')");
    Claim claim = Claim.of(a, "q", 10);
    a.execute("select howdah.settle(?, array[?::bigint], '{done}', rest => 'open')", claim.token(),
        claim.positions().getLast());
    assertHeld();
    clock.advance(Duration.ofMinutes(1));
    assertHeld();
    claim = claim();
    a.execute("select howdah.release(?)", claim.token());
    assertHeld();
    claim().done(a);
    assertFree();
  }

  @Test
  void aDeadLetterAnArchivedAndADiscardedMessageFreeIt() {
    a.execute(PUBLISH);
    settle(claim(), "reject");
    assertFree();
    settle(claim(), "archive");
    assertFree();
    a.execute("select howdah.alter_queue('q', '{\"max_attempts\": 1, \"after_last\": \"discard\"}')");
    settle(claim(), "retry");
    assertFree();
  }

  @Test
  void aCancelledAPurgedAndAnExpiredMessageFreeIt() {
    String delayed = "select message from howdah.publish_once('q', '1', 'k', delay => '1 h', until_done => true)";
    String id = a.execute(delayed).text();
    assertThat(a.execute(delayed).text()).isEqualTo(id);
    a.execute("select howdah.cancel_scheduled('q', ?::uuid)", id);
    assertFree();
    a.execute("select howdah.purge('q')");
    assertFree();
    a.execute("select howdah.purge('q', topic => '#')");
    a.execute("select message from howdah.publish_once('q', '1', 'k', ttl => '1 s', until_done => true)");
    assertHeld();
    clock.advance(Duration.ofSeconds(2));
    assertThat(Claim.drain(a, "q")).isEmpty();
    assertFree();
  }

  @Test
  void ofAStreamAllSubscriptionsThatTakeItCountAndNoOthers() {
    String publish = "select duplicate from howdah.publish_once('s', '1', 'k', topic => 'x.a', until_done => true)";
    a.execute("select howdah.create_stream('s', '0'), howdah.create_subscription('one', 's'),"
        + " howdah.create_bound_queue('two', 's', '{x.*}'), howdah.create_bound_queue('not', 's', '{y.*}')");
    assertThat(a.execute(publish).text()).isEqualTo("false");
    assertThat(a.execute(publish).text()).isEqualTo("true");
    Claim.drain(a, "one");
    assertThat(a.execute(publish).text()).isEqualTo("true");
    Claim claim = Claim.of(a, "two", 1);
    assertThat(a.execute(publish).text()).isEqualTo("true");
    claim.done(a);
    assertThat(a.execute(publish).text()).isEqualTo("false");
  }

  @Test
  void withoutASubscriptionThatTakesItNobodyWillSettleItSoTheKeyIsFree() {
    a.execute("select howdah.create_stream('s', '0')");
    String publish = "select duplicate from howdah.publish_once('s', '1', 'k', until_done => true)";
    a.execute(publish);
    assertThat(a.execute(publish).text()).isEqualTo("false");
  }

  @Test
  void ofADirectMessageItsReceiverCounts() {
    a.execute("select howdah.create_stream('s', '0'), howdah.create_bound_queue('two', 's', '{}')");
    String publish = "select duplicate from howdah.publish_once('two', '1', 'k', until_done => true)";
    assertThat(a.execute(publish).text()).isEqualTo("false");
    assertThat(a.execute(publish).text()).isEqualTo("true");
    assertThat(Claim.drain(a, "two")).containsExactly("1");
    assertThat(a.execute(publish).text()).isEqualTo("false");
  }

  @Test
  void ofAnOrderedQueueAMessageThatIsParkedBehindItsKeyHoldsIt() {
    a.execute("select howdah.create_queue('o', '{\"ordering\": \"key\", \"blocking\": true}')");
    String publish = "select duplicate from howdah.publish_once('o', '2', 'k', key => 'x', until_done => true)";
    a.execute("select howdah.publish('o', '1', key => 'x')");
    a.execute(publish);
    Claim claim = Claim.of(a, "o", 1);
    a.execute("select howdah.settle(?, array[?], '{retry}', '{1 h}')", claim.token(), claim.positions().getFirst());
    assertThat(Claim.of(a, "o", 10).isEmpty()).isTrue();
    assertThat(a.execute(publish).text()).isEqualTo("true");
    clock.advance(Duration.ofHours(2));
    assertThat(Claim.drain(a, "o")).containsExactly("1", "2");
    assertThat(a.execute(publish).text()).isEqualTo("false");
    a.execute("select howdah.drop_queue('o', true)");
  }

  @Test
  void whileTheSettlingIsNotCommittedTheKeyIsHeld() {
    a.execute(PUBLISH);
    Claim claim = claim();
    b.begin();
    claim.done(b);
    assertHeld();
    b.rollback();
    assertHeld();
    claim.done(b);
    assertFree();
  }

  @Test
  void ofTwoThatComeWhenItIsSettledOneGetsTheKey() {
    a.execute(PUBLISH);
    claim().done(a);
    a.begin();
    String second = a.execute(PUBLISH).text();
    b.run(PUBLISH).awaitBlocked();
    a.commit();
    assertThat(b.await().text()).isEqualTo(second);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void whenTheSecondRollsBackTheNextOneGetsTheKey() {
    a.execute(PUBLISH);
    claim().done(a);
    a.begin();
    String second = a.execute(PUBLISH).text();
    b.run(PUBLISH).awaitBlocked();
    a.rollback();
    assertThat(b.await().text()).isNotEqualTo(second);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void aKeyWithAWindowSeesOneThatIsHeldAndTheOtherWayRound() {
    a.execute(PUBLISH);
    assertThat(a.execute("select duplicate from howdah.publish_once('q', '1', 'k')").text()).isEqualTo("true");
    claim().done(a);
    assertThat(a.execute("select duplicate from howdah.publish_once('q', '1', 'k')").text()).isEqualTo("false");
    Claim.drain(a, "q");
    assertHeld();
    clock.advance(Duration.ofMinutes(6));
    assertFree();
  }

  @Test
  void keysAreForgottenWhenTheirMessageHasLeftTheLog() {
    a.execute(PUBLISH);
    claim().done(a);
    clock.advance(Duration.ofMinutes(6));
    a.execute("select howdah.housekeep()");
    assertThat(a.execute("select count(*) from howdah.once where key = 'kk'").number()).isEqualTo(1);
    a.execute("truncate howdah.log");
    clock.advance(Duration.ofMinutes(11));
    a.execute("select howdah.housekeep()");
    assertThat(a.execute("select count(*) from howdah.once where key = 'kk'").number()).isZero();
    a.execute("select howdah.drop_queue('q', true)");
  }

  @Test
  void aWindowAndUntilDoneExcludeOneAnother() {
    Refusal.expect("22023", a, "select howdah.publish_once('q', '1', 'k', within => '1 s', until_done => true)");
    Refusal.expect("22023", a, "select howdah.publish_once('q', '1', 'k', until_done => null)");
  }
}
