package io.howdah.engine.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages are carried while others claim, settle, seek and give up: each comes once, in its order, and none is lost. */
class CarryRacesTest {
  private final TestDatabase database = TestServer.shared().createDatabase();
  private final TestClock clock = database.clock();
  private final Session a = database.session("a");
  private final Session b = database.session("b");
  private final Ring ring = new Ring(a);

  @BeforeEach
  void aKeyIsBlocked() {
    a.execute(
        "select howdah.create_queue('q', '{\"ordering\": \"key\", \"backoff\": \"fixed\", \"delay\": \"1 min\"}')");
    a.execute("select howdah.publish_many('q', '{1,2,3}', keys => '{k,k,k}')");
    fail(a, Claim.of(a, "q", 3));
    ring.advance();
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static void fail(Session session, Claim claim) {
    session.execute("select howdah.settle(?, array[?], '{retry}', rest => 'release')", claim.token(),
        claim.positions().getFirst());
  }

  private void due() {
    clock.advance(Duration.ofSeconds(61));
  }

  private void assertAllCome(String... payloads) {
    clock.advance(Duration.ofMinutes(2));
    assertThat(Claim.drain(a, "q")).containsExactly(payloads);
    ring.turn(1);
    assertThat(ring.carried()).isZero();
    assertThat(ring.logged()).isZero();
  }

  @Test
  void aClaimThatIsNotCommittedKeepsTheSegmentAndSoDoesItsSlice() {
    due();
    b.begin();
    Claim claim = Claim.of(b, "q", 1);
    assertThat(ring.housekeep()).containsExactly("waiting segment 1: subscription q is being claimed");
    b.commit();
    assertThat(ring.housekeep()).containsExactly("carried 2 message(s) out of segment 1",
        "waiting segment 1: subscription q has not settled all that it took of it");
    fail(a, claim);
    assertThat(ring.housekeep()).containsExactly("carried 1 message(s) out of segment 1", "emptied segment 1");
    assertAllCome("1", "2", "3");
  }

  @Test
  void aClaimThatIsRolledBackLeavesThemParkedAndCarried() {
    ring.housekeep();
    due();
    b.begin();
    assertThat(Claim.of(b, "q", 1).payloads()).containsExactly("1");
    ring.housekeep();
    b.rollback();
    assertAllCome("1", "2", "3");
  }

  @Test
  void aClaimThatComesWhileTheyAreCarriedWaitsAndFindsThemThere() {
    due();
    b.begin();
    assertThat(b.execute("select action from howdah.housekeep()").texts()).containsExactly("carried", "emptied");
    Claim.start(a, "q", 1).awaitBlocked();
    b.commit();
    Claim claim = Claim.of(a.await());
    assertThat(claim.payloads()).containsExactly("1");
    fail(a, claim);
    assertAllCome("1", "2", "3");
  }

  @Test
  void carryingThatIsRolledBackHasNotHappened() {
    b.begin().execute("select action from howdah.housekeep()");
    b.rollback();
    assertThat(a.execute("select count(*) from howdah.carried").number()).isZero();
    assertAllCome("1", "2", "3");
  }

  /** The copy is committed and the segment could not be emptied: the messages lie in both places. */
  @Test
  void whatLiesInBothPlacesComesOnce() {
    b.begin().execute("select from howdah.log");
    assertThat(ring.housekeep()).containsExactly("carried 3 message(s) out of segment 1",
        "waiting segment 1: an open transaction uses it");
    b.commit();
    a.execute("select howdah.publish('q', '4', key => 'k')");
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    due();
    assertThat(a.execute("select payload::text from howdah.peek('q')").texts()).containsExactly("1", "2", "3", "4");
    fail(a, Claim.of(a, "q", 10));
    due();
    Claim.of(a, "q", 1).done(a);
    Claim claim = Claim.of(a, "q", 10);
    assertThat(claim.payloads()).containsExactly("2", "3", "4");
    fail(a, claim);
    assertThat(ring.housekeep()).contains("emptied segment 1");
    assertAllCome("2", "3", "4");
  }

  @Test
  void aFailureThatIsNotCommittedWhetherOpenOrPreparedIsCarriedAfterwards() {
    due();
    Claim claim = Claim.of(a, "q", 1);
    b.begin();
    fail(b, claim);
    List<String> waits = List.of("waiting segment 1: subscription q has not settled all that it took of it");
    assertThat(ring.housekeep()).containsSubsequence(waits);
    b.prepare("failure");
    assertThat(ring.housekeep()).isEqualTo(waits);
    b.commitPrepared("failure");
    assertThat(ring.housekeep()).containsExactly("carried 1 message(s) out of segment 1", "emptied segment 1");
    assertAllCome("1", "2", "3");
  }

  @Test
  void anOperatorWhoDecidesGoesFirstOrWaits() {
    b.begin().execute("select howdah.skip_blocked('q', 'k')");
    assertThat(ring.housekeep()).containsExactly("waiting segment 1: subscription q is being claimed");
    b.commit();
    b.begin().execute("select action from howdah.housekeep()");
    a.run("select howdah.purge('q', key => 'k')").awaitBlocked();
    b.commit();
    assertThat(a.await().number()).isEqualTo(2);
    assertAllCome();
  }

  @Test
  void aSubscriptionThatIsDroppedMeanwhileLeavesNothing() {
    b.begin().execute("select howdah.drop_queue('q', true)");
    ring.housekeep();
    b.commit();
    assertThat(ring.housekeep()).contains("emptied segment 1");
    assertThat(ring.carried()).isZero();
    assertThat(a.execute("select count(*) from howdah.parked").number()).isZero();
  }

  @Test
  void aSeekTakesWhatWasCarriedAndIsStillInTheLogAndLeavesWhatIsNot() {
    b.begin().execute("select from howdah.log");
    ring.housekeep();
    b.commit();
    a.execute("select howdah.seek('q', start_position => 2)");
    due();
    assertThat(Claim.drain(a, "q")).containsExactly("1", "2", "3");
    a.execute("select howdah.publish('q', '4', key => 'k')");
    fail(a, Claim.of(a, "q", 1));
    ring.turn(9);
    a.execute("select howdah.seek('q', 'beginning')");
    assertAllCome("4");
  }

  @Test
  void inARestoredDatabaseTheyComeOnceAndNothingElseIsTakenForThem() {
    ring.turn(1);
    a.execute("update howdah.tick set seen = '{}'");
    a.execute("update howdah.epoch set database = 1");
    a.execute("refresh materialized view howdah.birth");
    a.execute("select howdah.publish_many('q', '{4,5}', keys => '{k,x}')");
    Claim other = Claim.of(a, "q", 10);
    assertThat(other.payloads()).containsExactly("5");
    assertThat(other.done(a)).isEqualTo("settled");
    assertAllCome("1", "2", "3", "4");
  }

  @Test
  void jobsThatWaitForLongAreCarriedAndAreListedCancelledSkippedRetriedAndRun() {
    String id = "select howdah.create_job('jobs', ?, 'do', to_json(?::text), max_backoff => '24 h')::text";
    List<String> ids = List.of("a1", "a2", "b1", "b2", "c1", "c2").stream()
        .map(job -> a.execute(id, job.substring(0, 1), job).text()).toList();
    Claim claim = Claim.of(a, "jobs", 10);
    a.execute("select howdah.settle(?, ?::bigint[], '{retry,retry,retry}', '{20 h,20 h,20 h}')", claim.token(),
        "{1,3,5}");
    ring.turn(9);
    assertThat(ring.logged()).isZero();
    assertThat(a.execute("select (params #>> '{}') || ' ' || state from howdah.jobs('jobs') order by 1").texts())
        .containsExactly("a1 retrying", "a2 waiting", "b1 retrying", "b2 waiting", "c1 retrying", "c2 waiting");
    assertThat(a.execute("select howdah.cancel_job('jobs', ?::uuid)::text", ids.get(1)).text()).isEqualTo("true");
    assertThat(a.execute("select howdah.skip_job('jobs', ?::uuid)::text", ids.get(2)).text()).isEqualTo("true");
    assertThat(a.execute("select howdah.retry_job('jobs', ?::uuid)::text", ids.get(4)).text()).isEqualTo("true");
    Claim ready = Claim.of(a, "jobs", 10);
    ready.done(a);
    Claim second = Claim.of(a, "jobs", 10);
    second.done(a);
    assertThat(List.of(ready.payloads(), second.payloads())).containsExactlyInAnyOrder(List.of("\"c1\""),
        List.of("\"b2\""));
    assertThat(Claim.drain(a, "jobs")).containsExactly("\"c2\"");
    clock.advance(Duration.ofHours(20));
    assertThat(Claim.drain(a, "jobs")).containsExactly("\"a1\"");
    assertThat(a.execute("select count(*) from howdah.jobs('jobs') where state not in ('done', 'dead')").number())
        .isZero();
  }
}
