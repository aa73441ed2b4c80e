package io.howdah.engine.traps;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Numbers are given before the commit, and commits come in another order: no message may be skipped, and nobody held up. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommitOrderTest {
  private static final String PUBLISH = "select howdah.publish('q', ?::json)";
  private final TestDatabase database;
  private final Session a;
  private final Session b;
  private final Session c;

  CommitOrderTest(TestDatabase database) {
    this.database = database;
    this.a = database.session("a");
    this.b = database.session("b");
    this.c = database.session("c");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    c.rollback();
  }

  @BeforeEach
  void queue() {
    c.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  /** Stops whoever runs this function at this text, until {@code b} lets go of the lock. */
  private void stopAt(String function, String text) {
    database.sabotage(function, text, "perform pg_advisory_xact_lock_shared(7); " + text);
    b.execute("select pg_advisory_lock(7)");
  }

  private void letGo() {
    b.execute("select pg_advisory_unlock(7)");
    database.heal();
  }

  /** T01. */
  @Test
  void aLowerNumberThatCommitsLaterIsDelivered() {
    a.begin().execute(PUBLISH, "1");
    b.execute(PUBLISH, "2");
    assertThat(Claim.drain(c, "q")).containsExactly("2");
    a.commit();
    assertThat(Claim.drain(c, "q")).containsExactly("1");
  }

  /** T02: the publisher has its number, and has written nothing yet. */
  @Test
  void aPublisherThatIsStoppedBetweenNumberAndRowIsWaitedForByNobodyAndMissedByNobody() {
    stopAt("publish_many", "v_ids := array");
    a.run(PUBLISH, "1").awaitBlocked();
    database.heal();
    c.execute(PUBLISH, "2");
    assertThat(Claim.drain(c, "q")).containsExactly("2");
    letGo();
    a.await();
    assertThat(Claim.drain(c, "q")).containsExactly("1");
  }

  /** T03: the sequencer knows who has finished, and has not read the rows yet. */
  @Test
  void whoCommitsBetweenTheTwoLooksOfTheSequencerComesNext() {
    stopAt("sequence_stream", "select count(*), min(w.seq)");
    try (Session d = database.session("d")) {
      d.begin().execute(PUBLISH, "1");
      c.execute(PUBLISH, "2");
      a.run("select howdah.sequence('q')").awaitBlocked();
      d.commit();
      c.execute(PUBLISH, "3");
      letGo();
      assertThat(a.await().number()).isEqualTo(1);
    }
    assertThat(Claim.drain(c, "q")).containsExactly("2", "1", "3");
  }

  /** T04. */
  @Test
  void whatIsPublishedInASubtransactionIsDelivered() {
    a.begin().execute("savepoint s");
    a.execute(PUBLISH, "1");
    a.execute("release s; savepoint t");
    a.execute(PUBLISH, "0");
    a.execute("rollback to t");
    a.execute("do $$ begin perform howdah.publish('q', '2'); exception when others then null; end $$");
    a.execute(
        "do $$ begin perform howdah.publish('q', '0'); raise division_by_zero; exception when others then null; end $$");
    b.execute(PUBLISH, "3");
    assertThat(Claim.drain(c, "q")).containsExactly("3");
    a.commit();
    assertThat(Claim.drain(c, "q")).containsExactly("1", "2");
  }

  /** T05. */
  @Test
  void aGapIsNeverGivenUpHoweverOldItIs(TestClock clock) {
    a.begin().execute(PUBLISH, "1");
    for (int day = 2; day < 6; day++) {
      clock.advance(Duration.ofDays(1));
      b.execute(PUBLISH, String.valueOf(day));
      assertThat(Claim.drain(c, "q")).containsExactly(String.valueOf(day));
    }
    a.commit();
    assertThat(Claim.drain(c, "q")).containsExactly("1");
    clock.reset();
  }

  /** T06. */
  @Test
  void aPreparedTransactionDelaysItsOwnMessagesOnly() {
    a.begin().execute(PUBLISH, "1");
    a.prepare("publish");
    for (int i = 2; i < 5; i++) {
      b.execute(PUBLISH, String.valueOf(i));
      assertThat(Claim.drain(c, "q")).containsExactly(String.valueOf(i));
    }
    b.commitPrepared("publish");
    assertThat(Claim.drain(c, "q")).containsExactly("1");
  }

  /** T07, T08. */
  @Test
  void aLongWriterHereOrInAnotherDatabaseDelaysNobody() {
    try (TestDatabase elsewhere = TestServer.shared().createEmptyDatabase(); Session far = elsewhere.session("far")) {
      far.begin().execute("create table busy (id int)");
      a.begin().execute("create table busy (id int)");
      for (int i = 0; i < 5; i++) {
        b.execute(PUBLISH, String.valueOf(i));
        assertThat(Claim.drain(c, "q")).containsExactly(String.valueOf(i));
      }
      a.rollback();
    }
  }

  /** T09: many transactions are open at each tick, and end in another order than they began. */
  @Test
  void eachOfManyTransactionsIsInExactlyOneWindow() {
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      a.begin().execute(PUBLISH, String.valueOf(i));
      a.prepare("many " + i);
    }
    for (int i = 39; i >= 0; i--) {
      int next = (i * 7) % 40;
      b.execute(next % 5 == 4 ? "rollback prepared 'many " + next + "'" : "commit prepared 'many " + next + "'");
      if (i % 9 == 0) {
        b.execute(PUBLISH, String.valueOf(100 + i));
        seen.addAll(Claim.drain(c, "q"));
      }
    }
    seen.addAll(Claim.drain(c, "q"));
    List<String> expected = new ArrayList<>(
        IntStream.range(0, 40).filter(i -> i % 5 != 4).mapToObj(String::valueOf).toList());
    List.of(100, 109, 118, 127, 136).forEach(i -> expected.add(String.valueOf(i)));
    assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
  }

  /** T10, D0: a snapshot does not list the transaction that took it. */
  @Test
  void whoSequencesInTheMiddleOfItsOwnPublishingLosesNothing() {
    a.begin().execute(PUBLISH, "1");
    b.execute(PUBLISH, "2");
    assertThat(a.execute("select howdah.sequence('q')").number()).as("only the other one").isEqualTo(1);
    a.execute(PUBLISH, "3");
    a.commit();
    assertThat(Claim.drain(c, "q")).containsExactly("2", "1", "3");
  }

  /** D0 again: the consumer's loop in one transaction with its publishing. */
  @Test
  void whoClaimsInTheMiddleOfItsOwnPublishingLosesNothing() {
    b.execute(PUBLISH, "1");
    a.begin().execute(PUBLISH, "2");
    Claim claim = Claim.of(a, "q", 10);
    assertThat(claim.payloads()).containsExactly("1");
    a.execute(PUBLISH, "3");
    claim.done(a);
    a.commit();
    assertThat(Claim.drain(c, "q")).containsExactly("2", "3");
  }

  /** D14. */
  @Test
  void aNumberFarBelowAllThatWereSeenIsFound() {
    a.begin().execute(PUBLISH, "1");
    for (int i = 0; i < 3; i++) {
      b.execute("select howdah.publish_many('q', array_fill('2'::text, array[3000]))");
      assertThat(Claim.drain(c, "q")).hasSize(3000);
    }
    a.commit();
    assertThat(Claim.drain(c, "q")).containsExactly("1");
  }

  /** T19. */
  @Test
  void aSubscriptionFromNowGetsWhatWasOpenWhenItWasCreated() {
    List<Session> publishers = IntStream.range(0, 8).mapToObj(i -> database.session("p" + i)).toList();
    for (int i = 0; i < 8; i++) {
      publishers.get(i).begin().execute(PUBLISH, String.valueOf(i));
    }
    publishers.get(0).commit();
    publishers.get(1).rollback();
    c.execute("select howdah.create_subscription('new', 'q')");
    publishers.subList(2, 8).forEach(Session::commit);
    b.execute(PUBLISH, "8");

    assertThat(Claim.drain(c, "new")).containsExactlyInAnyOrder("2", "3", "4", "5", "6", "7", "8");
    publishers.forEach(Session::close);
    c.execute("select howdah.drop_subscription('new', true)");
  }

  /** T31, T32: after a crash the sequence goes on up to 32 numbers further on. */
  @Test
  void numbersThatAreLeftOutLeaveNoGapInPositions() {
    for (int i = 1; i <= 3; i++) {
      b.execute(PUBLISH, String.valueOf(i));
      b.execute("select setval('howdah.block', last_value + 32) from howdah.block");
    }
    assertThat(Claim.of(c, "q", 10).positions()).containsExactly(1L, 2L, 3L);
  }

  /** D13. */
  @Test
  void aStreamWithoutTrafficIsNotWrittenToHoweverBusyTheOthersAre() {
    b.execute("select howdah.create_queue('busy')");
    b.execute(PUBLISH, "1");
    Claim.drain(c, "q");
    long ticks = c.execute("select count(*) from howdah.tick").number();
    b.execute("select howdah.publish_many('busy', array_fill('2'::text, array[5000]))");
    for (int i = 0; i < 5; i++) {
      assertThat(Claim.of(c, "q", 10).isEmpty()).isTrue();
    }
    assertThat(c.execute("select count(*) from howdah.tick").number()).isEqualTo(ticks);
    b.execute(PUBLISH, "3");
    assertThat(Claim.drain(c, "q")).containsExactly("3");
  }
}
