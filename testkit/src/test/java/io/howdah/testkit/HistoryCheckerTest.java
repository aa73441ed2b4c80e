package io.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.testkit.Violation.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Good histories, and a bad history per class of broken promise; those of order and of time have tests of their own. */
class HistoryCheckerTest {
  private static final String SUB = "billing";
  private final HistoryChecker checker = HistoryChecker.of(SUB);
  private final History history = new History();

  @Test
  void aMessagePublishedDeliveredAndDoneIsFine() {
    published("a", "k");
    delivered("a", 1, "t1");
    done("a", "t1");

    assertThat(checker.check(history)).isEmpty();
    checker.assertKept(history);
  }

  @Test
  void anAcknowledgedMessageThatNeverComesIsLost() {
    published("a", null);

    assertThat(kinds()).containsExactly(Kind.LOST);
    assertThat(checker.whileRunning().check(history)).isEmpty();
  }

  @Test
  void aMessageThatReachesOneOfTwoSubscriptionsIsLost() {
    published("a", null);
    delivered("a", 1, "t1");
    done("a", "t1");

    assertThat(HistoryChecker.of(SUB, "mail").check(history)).extracting(Violation::kind).containsExactly(Kind.LOST);
  }

  @Test
  void aMessageThatIsDeliveredAndNeverEndedIsLost() {
    published("a", null);
    delivered("a", 1, "t1");
    history.voided("t1");

    assertThat(kinds()).containsExactly(Kind.LOST);
  }

  @Test
  void aPublishOfUnknownOutcomeMayComeOrNot() {
    history.attempted("a", null);
    history.attempted("b", null);
    delivered("b", 1, "t1");
    done("b", "t1");

    assertThat(checker.check(history)).isEmpty();
  }

  @Test
  void aMessageThatNobodyPublishedIsAPhantom() {
    delivered("a", 1, "t1");

    assertThat(kinds()).containsExactly(Kind.PHANTOM);
  }

  @Test
  void aMessageWhosePublishWasRolledBackIsAPhantomThoughTheRollbackIsRecordedLater() {
    history.attempted("a", null);
    delivered("a", 1, "t1");
    history.rolledBack("a");

    assertThat(kinds()).containsExactly(Kind.PHANTOM);
  }

  @Test
  void aSecondDeliveryWhileTheFirstIsInFlightIsADuplicate() {
    published("a", null);
    delivered("a", 1, "t1");
    delivered("a", 1, "t2");
    done("a", "t2");

    assertThat(kinds()).containsExactly(Kind.DUPLICATED);
  }

  @Test
  void aDeliveryAfterDoneIsADuplicateThoughTheTokenWasVoided() {
    published("a", null);
    delivered("a", 1, "t1");
    done("a", "t1");
    history.voided("t1");
    delivered("a", 1, "t2");

    assertThat(kinds()).containsExactly(Kind.DUPLICATED);
  }

  @Test
  void aSecondDeliveryAfterALapseIsFine() {
    published("a", null);
    delivered("a", 1, "t1");
    history.voided("t1");
    delivered("a", 1, "t2");
    done("a", "t2");

    assertThat(checker.check(history)).isEmpty();
  }

  @Test
  void aSecondDeliveryAfterARetryIsFineThoughTheRetryIsRecordedLater() {
    published("a", null);
    delivered("a", 1, "t1");
    delivered("a", 1, "t2");
    history.settled("a", SUB, "t1", "retry");
    done("a", "t2");

    assertThat(checker.check(history)).isEmpty();
  }

  @Test
  void aSecondDeliveryAfterASettleOfUnknownOutcomeIsFineAndSoIsNone() {
    published("a", null);
    published("b", null);
    delivered("a", 1, "t1");
    delivered("b", 2, "t1");
    history.unsettled("a", SUB, "t1");
    history.unsettled("b", SUB, "t1");
    delivered("a", 1, "t2");
    done("a", "t2");

    assertThat(checker.check(history)).isEmpty();
  }

  @Test
  void aKeyThatIsPublishedInOneOrderAndPlacedInAnotherIsReordered() {
    published("a", "k");
    published("b", "k");
    delivered("b", 1, "t1");
    delivered("a", 2, "t1");
    done("a", "t1");
    done("b", "t1");

    assertThat(kinds()).containsExactly(Kind.REORDERED);
  }

  @Test
  void twoPublishesOfAKeyThatOverlapMayBePlacedEitherWay() {
    history.attempted("a", "k");
    history.attempted("b", "k");
    history.acknowledged("a");
    history.acknowledged("b");
    delivered("b", 1, "t1");
    delivered("a", 2, "t1");
    done("a", "t1");
    done("b", "t1");

    assertThat(checker.check(history)).isEmpty();
  }

  @Test
  void twoMessagesAtOnePositionAreReordered() {
    published("a", null);
    published("b", null);
    delivered("a", 1, "t1");
    delivered("b", 1, "t1");
    done("a", "t1");
    done("b", "t1");

    assertThat(kinds()).containsExactly(Kind.REORDERED);
  }

  @Test
  void twoOutcomesThatEndAMessageAreOneTooMany() {
    published("a", null);
    delivered("a", 1, "t1");
    history.voided("t1");
    delivered("a", 1, "t2");
    done("a", "t2");
    done("a", "t2");

    assertThat(kinds()).containsExactly(Kind.SETTLED_TWICE);
    assertThatThrownBy(() -> checker.assertKept(history)).isInstanceOf(AssertionError.class)
        .hasMessageContaining("SETTLED_TWICE a");
  }

  @Test
  void anOutcomeUnderAVoidTokenIsUnfencedOnceTheMessageIsInOtherHands() {
    published("a", null);
    delivered("a", 1, "t1");
    history.voided("t1");
    delivered("a", 1, "t2");
    done("a", "t1");

    assertThat(kinds()).containsExactly(Kind.UNFENCED);
  }

  @Test
  void aLateOutcomeIsFineWhileNobodyElseHasTheMessage() {
    published("a", null);
    delivered("a", 1, "t1");
    history.voided("t1");
    done("a", "t1");

    assertThat(checker.check(history)).isEmpty();
  }

  @Test
  void aHistoryThatContradictsItselfIsRefused() {
    history.acknowledged("a");
    assertThatIllegalStateException().isThrownBy(() -> checker.check(history)).withMessageContaining("never attempted");

    History twice = new History();
    twice.attempted("a", null);
    twice.attempted("a", null);
    assertThatIllegalStateException().isThrownBy(() -> checker.check(twice)).withMessageContaining("came twice");
  }

  private List<Kind> kinds() {
    return checker.check(history).stream().map(Violation::kind).toList();
  }

  private void published(String message, String key) {
    history.attempted(message, key);
    history.acknowledged(message);
  }

  private void delivered(String message, long position, String token) {
    history.delivered(message, SUB, position, token);
  }

  private void done(String message, String token) {
    history.settled(message, SUB, token, "done");
  }
}
