package io.howdah.engine.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.TestServer;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Segments are opened as they fill, and emptied when nobody needs them any more; never before. */
class RotationTest {
  private final TestDatabase database = TestServer.shared().createDatabase();
  private final TestClock clock = database.clock();
  private final Session a = database.session("a");
  private final Session b = database.session("b");

  @BeforeEach
  void queue() {
    a.execute("select howdah.create_queue('q')");
  }

  @AfterEach
  void close() {
    database.close();
  }

  private List<String> housekeep() {
    return a.execute("select action || ' ' || detail from howdah.housekeep()").texts();
  }

  /** Opens the next segment, as housekeep does when the current one has grown large. */
  private void advance() {
    a.execute("insert into howdah.segment select 1, max(no) + 1, max(no) % 8 from howdah.segment");
  }

  private void fill() {
    a.execute("select howdah.create_queue('filler')");
    a.execute(
        "select howdah.publish_many('filler', array(select to_json(repeat(n::text, 100))::text from generate_series(1000, 3999) n))");
    Claim.drain(a, "filler");
  }

  @Test
  void aSegmentIsOpenedWhenTheOldOneIsLargeAndEmptiedWhenItIsSettled() {
    a.execute("select howdah.publish('q', '1')");
    assertThat(Claim.drain(a, "q")).containsExactly("1");
    fill();
    clock.advance(Duration.ofMinutes(1));

    List<String> actions = new ArrayList<>(housekeep());
    actions.addAll(housekeep());
    assertThat(actions).anyMatch(s -> s.startsWith("advanced segment 2")).anyMatch(s -> s.equals("emptied segment 1"));
    assertThat(a.execute("select pg_relation_size('howdah.log_0') + pg_relation_size('howdah.closed_0')").number())
        .isZero();
    a.execute("select howdah.publish('q', '2')");
    Claim claim = Claim.of(a, "q", 9);
    assertThat(claim.positions()).containsExactly(2L);
    assertThat(claim.payloads()).containsExactly("2");
  }

  @Test
  void largePayloadsCountForTheSizeOfASegment() {
    a.execute("""
        select howdah.publish_many('q', array(
          select to_json((select string_agg(md5(random()::text), '') from generate_series(1, 1000) where n > 0))::text
          from generate_series(1, 40) n))""");
    clock.advance(Duration.ofMinutes(1));
    assertThat(housekeep()).anyMatch(s -> s.startsWith("advanced segment 2"));
  }

  /** T23. */
  @Test
  void whatIsNotSettledIsNeverRemoved() {
    a.execute("select howdah.create_subscription('slow', 'q', 'beginning')");
    a.execute("select howdah.publish_many('q', array['1', '2', '3'])");
    Claim inFlight = Claim.of(a, "q", 3);
    Claim.drain(a, "slow");
    advance();
    clock.advance(Duration.ofDays(30));
    assertThat(housekeep()).anyMatch(s -> s.contains("waiting segment 1: subscription q has not settled"));
    inFlight.done(a);
    a.execute("select howdah.create_subscription('slower', 'q', 'beginning')");
    assertThat(housekeep()).anyMatch(s -> s.contains("waiting segment 1: subscription slower has not settled"));
    assertThat(Claim.drain(a, "slower")).containsExactly("1", "2", "3");
    assertThat(housekeep()).containsExactly("emptied segment 1");
  }

  @Test
  void aRetryInTheReturnStreamKeepsItsSegment() {
    a.execute("select howdah.publish('q', '1')");
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, array[1], array['retry'], array['0'::interval])", claim.token());
    advance();
    housekeep();
    assertThat(housekeep()).anyMatch(s -> s.contains("subscription q has not settled all of stream ~q"));
    assertThat(Claim.drain(a, "q")).containsExactly("1");
    assertThat(housekeep()).containsExactly("emptied segment 1");
  }

  @Test
  void idleStreamsAndSubscriptionsKeepTheirPlaceAllAroundTheRing() {
    a.execute("select howdah.publish_many('q', array['1', '2', '3'])");
    assertThat(Claim.drain(a, "q")).hasSize(3);
    for (int i = 0; i < 20; i++) {
      advance();
      assertThat(housekeep()).containsExactly("emptied segment " + (i + 1));
    }
    assertThat(a.execute("select published from howdah.stats('q')").number()).isEqualTo(3);
    assertThat(Claim.of(a, "q", 9).isEmpty()).isTrue();
    a.execute("select howdah.publish('q', '4')");
    assertThat(Claim.of(a, "q", 9).positions()).containsExactly(4L);
  }

  /** TRUNCATE is not seen through snapshots: the old slice is gone, and its copy is younger than the claim's statement. */
  @Test
  void aClaimThatWaitedUntilTheSegmentOfItsCursorWasEmptiedGoesOn() {
    a.execute("select howdah.create_queue('idle')");
    advance();
    b.begin();
    assertThat(b.execute("select action from howdah.housekeep()").texts()).containsExactly("emptied");
    Session claim = database.session("claim").run("select payload from howdah.claim('idle', 9)").awaitBlocked();
    b.commit();
    assertThat(claim.await().texts()).isEmpty();
    a.execute("select howdah.publish('idle', '3')");
    assertThat(Claim.of(a, "idle", 9).positions()).containsExactly(1L);
  }

  /** T15, D22: the publisher has looked which segment is current, and is stopped before it writes. */
  @Test
  void aPublisherThatWritesIntoASegmentOfLongAgoIsFound() {
    database.sabotage("publish_many", "v_ids := array", "perform pg_advisory_xact_lock_shared(7); v_ids := array");
    b.execute("select pg_advisory_lock(7)");
    Session late = database.session("late").run("select howdah.publish('q', '\"late\"')").awaitBlocked();
    for (int i = 0; i < 9; i++) {
      advance();
      housekeep();
    }
    b.execute("select pg_advisory_unlock(7)");
    late.await();
    a.execute("select howdah.publish('q', '1')");

    assertThat(a.execute("select count(distinct seg) from howdah.log").number()).isEqualTo(2);
    assertThat(Claim.drain(a, "q")).containsExactly("\"late\"", "1");
    for (int i = 0; i < 9; i++) {
      advance();
      housekeep();
    }
    assertThat(a.execute("select count(*) from howdah.log").number()).isZero();
  }

  @Test
  void anUncommittedMessageKeepsItsSegmentWhetherOpenOrPrepared() {
    b.begin().execute("select howdah.publish('q', '1')");
    advance();
    assertThat(housekeep()).containsExactly("waiting segment 1: an open transaction uses it");
    b.prepare("rotation");
    assertThat(housekeep()).containsExactly("waiting segment 1: an open transaction uses it");
    b.commitPrepared("rotation");
    housekeep();
    assertThat(housekeep()).anyMatch(s -> s.contains("subscription q has not settled"));
    assertThat(Claim.drain(a, "q")).containsExactly("1");
    assertThat(housekeep()).containsExactly("emptied segment 1");
  }

  /** The newest tick was copied into the next segment, and the segment could not be emptied after all. */
  @Test
  void aQueueThatIsBeingDroppedHoldsNothingUp() {
    a.execute("select howdah.publish('q', '1')");
    Claim.drain(a, "q");
    advance();
    a.execute("select howdah.publish('q', '2')");
    Claim.drain(a, "q");
    b.begin().execute("select howdah.drop_queue('q', true)");

    assertThat(housekeep()).contains("emptied segment 1");
    b.commit();
  }

  @Test
  void anEmptyingThatFailsLeavesNoTickTwice() {
    a.execute("select howdah.publish_many('q', array['1', '2', '3', '4'])");
    Claim.drain(a, "q");
    b.begin().execute("select howdah.publish('q', '5')");
    advance();
    assertThat(housekeep()).containsExactly("waiting segment 1: an open transaction uses it");
    b.rollback();

    a.execute("select howdah.create_subscription('all', 'q', 'beginning')");
    Claim claim = Claim.of(a, "all", 9);
    assertThat(claim.payloads()).containsExactly("1", "2", "3", "4");
    assertThat(claim.positions()).containsExactly(1L, 2L, 3L, 4L);
  }

  /** T22. */
  @Test
  void publishingGoesOnWhenAllSegmentsAreInUseAndWhenNobodyKeepsTheHouse() {
    a.execute("select howdah.publish('q', '1')");
    for (int i = 0; i < 7; i++) {
      advance();
    }
    fill();
    clock.advance(Duration.ofDays(30));
    assertThat(housekeep()).anyMatch(s -> s.startsWith("full all 8 segments"));
    a.execute("select howdah.publish('q', '2')");
    assertThat(Claim.drain(a, "q")).containsExactly("1", "2");
    for (int i = 1; i <= 7; i++) {
      assertThat(housekeep()).contains("emptied segment " + i);
    }
  }

  @Test
  void aStreamKeepsItsMessagesForItsRetentionAndNoShorter() {
    a.execute("select howdah.create_stream('s', '1 h')");
    a.execute("select howdah.publish('s', '1')");
    fill();
    clock.advance(Duration.ofSeconds(20));
    assertThat(housekeep()).anyMatch(s -> s.startsWith("advanced segment 2"));
    clock.advance(Duration.ofMinutes(30));
    a.execute("select howdah.publish('s', '2')");
    assertThat(housekeep()).anyMatch(s -> s.contains("stream s keeps its messages until"));
    a.execute("select howdah.create_subscription('early', 's', 'beginning')");
    assertThat(Claim.drain(a, "early")).containsExactly("1", "2");

    clock.advance(Duration.ofMinutes(31));
    assertThat(housekeep()).contains("emptied segment 1");
    a.execute("select howdah.create_subscription('late', 's', 'beginning')");
    assertThat(Claim.drain(a, "late")).as("half an hour old").containsExactly("2");
  }

  /** D24: the slice lies in one segment, and is settled and taken back while another one is current. */
  @Test
  void aSliceIsClosedInItsOwnSegmentWhoeverCloses() {
    a.execute("select howdah.publish_many('q', array['1', '2'])");
    Claim claim = Claim.of(a, "q", 2);
    advance();
    clock.advance(Duration.ofMinutes(1));
    Claim again = Claim.of(b, "q", 1);
    assertThat(claim.done(a)).isEqualTo("lapsed");
    assertThat(again.done(a)).isEqualTo("settled");
    assertThat(a.execute("""
        select count(*) from howdah.closed c where not exists (
          select from howdah.slice s where s.seg = c.seg and s.sub = c.sub and s.no = c.no)""").number()).isZero();
  }

  /** D11. */
  @Test
  void aLongTransactionThatSettlesHoldsUpItsOwnSegmentOnly() {
    a.execute("select howdah.publish('q', '1')");
    Claim.drain(a, "q");
    advance();
    a.execute("select howdah.publish('q', '2')");
    Claim claim = Claim.of(a, "q", 1);
    b.begin();
    assertThat(claim.done(b)).isEqualTo("settled");
    assertThat(a.execute("select count(*) from howdah.housekeep() where action = 'emptied'").number()).isEqualTo(1);
    b.commit();
  }
}
