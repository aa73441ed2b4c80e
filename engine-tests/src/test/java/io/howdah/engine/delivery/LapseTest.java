package io.howdah.engine.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What happens to messages whose consumer does not answer. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LapseTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  LapseTest(TestDatabase database, TestClock clock) {
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

  private void publish(int count) {
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, ?) n))", count);
  }

  @Test
  void aLeaseThatLapsesGivesTheMessagesToTheNextWithAnotherAttemptAndToken() {
    publish(3);
    Claim lost = Claim.of(a, "q", 3);
    assertThat(Claim.of(a, "q", 3).isEmpty()).isTrue();
    clock.advance(MINUTE);

    Claim found = Claim.of(b, "q", 3);
    assertThat(found.positions()).isEqualTo(lost.positions());
    assertThat(found.attempts()).containsOnly(2);
    assertThat(lost.done(a)).isEqualTo("lapsed");
    assertThat(a.execute("select howdah.renew(?)", lost.token()).text()).isEqualTo("false");
    assertThat(a.execute("select howdah.release(?)", lost.token()).text()).isEqualTo("false");
    assertThat(found.done(b)).isEqualTo("settled");
  }

  @Test
  void aLateSettleCountsAsLongAsNobodyHasTakenTheMessages() {
    publish(1);
    Claim late = Claim.of(a, "q", 1);
    clock.advance(MINUTE);
    assertThat(late.done(a)).isEqualTo("settled");
    assertThat(Claim.of(b, "q", 1).isEmpty()).isTrue();
  }

  @Test
  void aRenewedLeaseDoesNotLapse() {
    publish(2);
    Claim claim = Claim.of(a, "q", 2);
    for (int i = 0; i < 3; i++) {
      clock.advance(Duration.ofSeconds(20));
      assertThat(a.execute("select howdah.renew(?, '30 s')", claim.token()).text()).isEqualTo("true");
      assertThat(Claim.of(b, "q", 2).isEmpty()).isTrue();
    }
    assertThat(a.execute("select howdah.next_lapse('q') - howdah.now() between '29 s' and '30 s'").text())
        .isEqualTo("true");
    clock.advance(MINUTE);
    assertThat(Claim.of(b, "q", 2).positions()).containsExactly(1L, 2L);
    assertThat(claim.done(a)).isEqualTo("lapsed");
  }

  @Test
  void onlyWhatIsNotSettledComesBack() {
    publish(5);
    Claim claim = Claim.of(a, "q", 5);
    a.execute("select howdah.settle(?, array[2, 4], array['done', 'done'], rest => 'open')", claim.token());
    clock.advance(MINUTE);
    assertThat(Claim.of(b, "q", 5).positions()).containsExactly(1L, 3L, 5L);
  }

  @Test
  void whatComesBackIsCutToTheSizeThatTheClaimerWants() {
    publish(5);
    Claim.of(a, "q", 5);
    clock.advance(MINUTE);
    Set<Long> positions = new TreeSet<>();
    for (int i = 0; i < 3; i++) {
      Claim claim = Claim.of(b, "q", 2);
      assertThat(claim.positions()).hasSizeBetween(1, 2);
      positions.addAll(claim.positions());
    }
    assertThat(positions).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  /** D23: the newest slice is a piece of an old one then. */
  @Test
  void afterPiecesWereHandedOutAgainTheNextClaimGoesOnAtTheCursor() {
    publish(6);
    Claim.of(a, "q", 4);
    clock.advance(MINUTE);
    assertThat(Claim.of(b, "q", 1).positions()).containsExactly(1L);
    List<Long> rest = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      rest.addAll(Claim.of(b, "q", 1).positions());
    }
    assertThat(rest).containsExactlyInAnyOrder(2L, 3L, 4L, 5L, 6L);
    assertThat(Claim.of(b, "q", 1).isEmpty()).isTrue();
  }

  /** T50: a consumer dies on message 5, each time; the other messages of its slices must all be done. */
  @Test
  void aMessageThatKillsItsConsumerEndsAloneAsADeadLetter() {
    a.execute("update howdah.subscription set max_attempts = 6 where name = 'q'");
    publish(8);
    Set<String> done = new TreeSet<>();
    for (int i = 0; i < 20; i++) {
      for (Claim claim = Claim.of(a, "q", 8); !claim.isEmpty(); claim = Claim.of(a, "q", 8)) {
        if (!claim.payloads().contains("5")) {
          done.addAll(claim.payloads());
          claim.done(a);
        }
      }
      clock.advance(MINUTE);
    }
    assertThat(done).containsExactly("1", "2", "3", "4", "6", "7", "8");
    assertThat(a.execute("select payload::text || ' ' || attempts || ' ' || reason from howdah.dead_letter").texts())
        .containsExactly("5 6 lapsed");
    assertThat(a.execute("select in_flight + ready + scheduled from howdah.stats('q')").number()).isZero();
  }

  @Test
  void lapsedSlicesThatAStuckTransactionIsSettlingDoNotHideTheOthers() {
    publish(40);
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      tokens.add(Claim.of(a, "q", 1).token());
    }
    b.begin();
    tokens.subList(0, 39).forEach(token -> b.execute("select howdah.settle(?)", token));
    clock.advance(MINUTE);

    assertThat(Claim.of(a, "q", 1).payloads()).containsExactly("40");
    b.commit();
    assertThat(a.execute("select in_flight + ready from howdah.stats('q')").number()).isEqualTo(1);
  }

  /** T12. */
  @Test
  void aClockThatIsSetBackDoesNotHideWhatWasHandedBack() {
    clock.advance(Duration.ofHours(3));
    publish(4);
    Claim first = Claim.of(a, "q", 2);
    Claim second = Claim.of(a, "q", 2);
    clock.advance(Duration.ofHours(-2));
    a.execute("select howdah.release(?)", first.token());

    assertThat(Claim.of(b, "q", 2).positions()).isEqualTo(first.positions());
    a.execute("select howdah.publish('q', '5')");
    assertThat(Claim.of(b, "q", 2).payloads()).containsExactly("5");
    clock.advance(Duration.ofHours(2).plus(MINUTE));
    assertThat(Claim.of(b, "q", 9).positions()).isSubsetOf(LongStream.rangeClosed(1, 5).boxed().toList());
    assertThat(second.token()).isNotEmpty();
  }

  /** T45, D21. */
  @Test
  void aLeaseThatIsTakenInAnOldTransactionIsAsLongAsAnyOther() {
    publish(1);
    a.begin().execute("select now()");
    clock.advance(MINUTE);
    Claim claim = Claim.of(a, "q", 1);
    a.commit();
    assertThat(a.execute("select howdah.next_lapse('q') - howdah.now() between '25 s' and '30 s'").text())
        .isEqualTo("true");
    assertThat(Claim.of(b, "q", 1).isEmpty()).isTrue();
    assertThat(claim.done(database)).isEqualTo("settled");
  }

  @Test
  void nextLapseIsTheEarliestLeaseAndNullWhenNothingIsInFlight() {
    assertThat(a.execute("select howdah.next_lapse('q')").text()).isEqualTo("null");
    publish(2);
    a.execute("select count(*) from howdah.claim('q', 1, '1 h')");
    Claim soon = Claim.of(a, "q", 1);
    assertThat(a.execute("select howdah.next_lapse('q') < howdah.now() + interval '31 s'").text()).isEqualTo("true");
    soon.done(a);
    assertThat(a.execute("select howdah.next_lapse('q') > howdah.now() + interval '59 min'").text()).isEqualTo("true");
  }
}
