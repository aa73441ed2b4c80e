package io.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HistoryChecker.Order;
import io.howdah.testkit.Violation.Kind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an ordered subscription must do and must not do, as the checker sees it: good histories and bad ones. */
class HistoryCheckerOrderTest {
  private static final String SUB = "billing";
  private final HistoryChecker checker = HistoryChecker.of(SUB).whileRunning();
  private final History history = new History();

  HistoryCheckerOrderTest() {
    for (String message : List.of("a", "b", "c")) {
      history.attempted(message, "k");
    }
    history.attempted("other", "o");
    history.attempted("alone", null);
  }

  private void delivered(String message, long position, String token) {
    history.delivered(message, SUB, position, token);
  }

  private void settled(String message, String token, String outcome) {
    history.settling(token);
    history.settled(message, SUB, token, outcome);
  }

  private List<Kind> kinds(Order order) {
    return checker.withOrder(order).check(history).stream().map(Violation::kind).toList();
  }

  @Test
  void oneAfterTheOtherIsFine() {
    delivered("a", 1, "t1");
    settled("a", "t1", "done");
    delivered("b", 2, "t2");
    settled("b", "t2", "archive");
    delivered("c", 3, "t3");

    assertThat(kinds(Order.KEY)).isEmpty();
    assertThat(kinds(Order.STRICT)).isEmpty();
  }

  @Test
  void severalInOneHandAreFine() {
    delivered("a", 1, "t1");
    delivered("b", 2, "t1");
    history.settling("t1");
    delivered("c", 3, "t2");
    history.settled("a", SUB, "t1", "done");
    history.settled("b", SUB, "t1", "done");

    assertThat(kinds(Order.KEY)).as("the next may be handed out before the answer is noted").isEmpty();
    assertThat(kinds(Order.STRICT)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"KEY", "STRICT"})
  void twoOfOneKeyInTwoHandsOverlap(Order order) {
    delivered("a", 1, "t1");
    delivered("b", 2, "t2");
    settled("a", "t1", "done");
    settled("b", "t2", "done");

    assertThat(kinds(Order.ANY)).isEmpty();
    assertThat(kinds(order)).contains(Kind.OVERLAPPED);
  }

  @Test
  void twoKeysInTwoHandsOverlapOnlyWhereAllIsStrict() {
    delivered("a", 1, "t1");
    delivered("other", 2, "t2");
    delivered("alone", 3, "t3");

    assertThat(kinds(Order.KEY)).isEmpty();
    assertThat(kinds(Order.STRICT)).contains(Kind.OVERLAPPED);
  }

  @Test
  void aLaterOneInHandWhileTheEarlierComesOverlapsToo() {
    delivered("b", 2, "t1");
    delivered("a", 1, "t2");

    assertThat(kinds(Order.KEY)).containsExactly(Kind.OVERLAPPED, Kind.REORDERED);
  }

  @Test
  void aZombieOverlapsWithNobody() {
    delivered("a", 1, "t1");
    history.voided("t1");
    delivered("a", 1, "t2");
    settled("a", "t2", "done");
    delivered("b", 2, "t3");
    history.settling("t1");

    assertThat(kinds(Order.KEY)).isEmpty();
    assertThat(kinds(Order.STRICT)).isEmpty();
  }

  @Test
  void aHandIsNoZombieBeforeItsTokenIsVoid() {
    delivered("a", 1, "t1");
    delivered("b", 2, "t2");
    history.voided("t1");

    assertThat(kinds(Order.KEY)).contains(Kind.OVERLAPPED);
  }

  @Test
  void aZombieWhoseLateOutcomeIsAcceptedMakesWayForTheNext() {
    delivered("a", 1, "t1");
    history.voided("t1");
    delivered("alone", 9, "t9");
    history.settling("t1");
    delivered("b", 2, "t2");
    history.settled("a", SUB, "t1", "done");

    assertThat(kinds(Order.KEY)).isEmpty();
  }

  @Test
  void whatALapseLeftOpenMustComeBeforeItsSuccessors() {
    delivered("a", 1, "t1");
    history.voided("t1");
    delivered("b", 2, "t2");

    assertThat(kinds(Order.KEY)).containsExactly(Kind.REORDERED);
  }

  @Test
  void aFailureHoldsUpItsKeyAndOnlyThat() {
    delivered("a", 1, "t1");
    settled("a", "t1", "retry");
    delivered("other", 5, "t2");
    assertThat(kinds(Order.KEY)).isEmpty();

    delivered("b", 2, "t3");
    assertThat(kinds(Order.KEY)).containsExactly(Kind.REORDERED);
    assertThat(kinds(Order.ANY)).isEmpty();
  }

  @Test
  void aFailureThatIsNotedLateHoldsUpItsKeyAsWell() {
    delivered("a", 1, "t1");
    history.settling("t1");
    delivered("b", 2, "t3");
    history.settled("a", SUB, "t1", "retry");

    assertThat(kinds(Order.KEY)).containsExactly(Kind.REORDERED);
  }

  @Test
  void aFailureThatComesAgainBeforeItsSuccessorsIsFine() {
    delivered("a", 1, "t1");
    delivered("b", 2, "t1");
    history.settling("t1");
    history.settled("a", SUB, "t1", "retry");
    history.settled("b", SUB, "t1", "release");
    delivered("a", 1, "t2");
    delivered("b", 2, "t2");
    settled("a", "t2", "reject");
    history.settled("b", SUB, "t2", "done");
    delivered("c", 3, "t3");

    assertThat(kinds(Order.KEY)).isEmpty();
  }

  @Test
  void whatMayHaveEndedHoldsUpNobody() {
    delivered("a", 1, "t1");
    history.unsettled("a", SUB, "t1");
    delivered("b", 2, "t2");

    assertThat(kinds(Order.KEY)).isEmpty();
  }

  @Test
  void whatMayHaveExpiredHoldsUpNobody() {
    history.record(new History.Timed("a", null, Instant.EPOCH));
    delivered("a", 1, "t1");
    history.voided("t1");
    delivered("b", 2, "t2");

    assertThat(kinds(Order.KEY)).isEmpty();
  }

  @Test
  void anOrderedReaderMustNotSeeALowerPositionLater() {
    delivered("b", 2, "t1");
    settled("b", "t1", "done");
    delivered("a", 1, "t2");

    assertThat(kinds(Order.ANY)).isEmpty();
    assertThat(kinds(Order.KEY)).containsExactly(Kind.REORDERED);
    assertThat(kinds(Order.STRICT)).containsExactly(Kind.REORDERED);
  }

  @Test
  void positionsThatWereFoundOutLaterCountFromTheBeginning() {
    delivered("b", 0, "t1");
    settled("b", "t1", "done");
    delivered("a", 0, "t2");
    assertThat(kinds(Order.KEY)).isEmpty();

    history.record(new History.Placed("a", 1));
    history.record(new History.Placed("b", 2));
    assertThat(kinds(Order.KEY)).containsExactly(Kind.REORDERED);
  }
}
