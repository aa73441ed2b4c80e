package io.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.howdah.testkit.Violation.Kind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What comes too early, too late, or counted wrongly, as the checker sees it: good histories and bad ones. */
class HistoryCheckerTimesTest {
  private static final String SUB = "billing";
  private final HistoryChecker checker = HistoryChecker.of(SUB);
  private final History history = new History();

  HistoryCheckerTimesTest() {
    history.attempted("a", null);
    history.acknowledged("a");
  }

  private static Instant at(int second) {
    return Instant.EPOCH.plusSeconds(second);
  }

  private void claimed(String token, int notBefore, int notAfter, int attempt) {
    history.record(new History.Claimed(token, at(notBefore), at(notAfter)));
    history.record(new History.Delivered("a", SUB, 1, token, attempt));
  }

  private void settled(String token, String outcome) {
    history.settling(token);
    history.settled("a", SUB, token, outcome);
  }

  private List<Kind> kinds() {
    return checker.check(history).stream().map(Violation::kind).toList();
  }

  @Test
  void whatIsHandedOutBeforeItWasDueIsEarly() {
    claimed("t1", 1, 4, 1);
    settled("t1", "done");
    history.record(new History.Timed("a", at(4), null));
    assertThat(kinds()).as("it may just have been due").isEmpty();

    history.record(new History.Timed("a", at(5), null));
    assertThat(kinds()).containsExactly(Kind.EARLY);
  }

  @Test
  void whatIsHandedOutAfterItsTimeToLiveHasExpired() {
    claimed("t1", 5, 9, 1);
    settled("t1", "done");
    history.record(new History.Timed("a", null, at(5)));
    assertThat(kinds()).as("it may just have been alive").isEmpty();

    history.record(new History.Timed("a", null, at(4)));
    assertThat(kinds()).containsExactly(Kind.EXPIRED);
  }

  @Test
  void whatMayExpireIsNotLost() {
    assertThat(kinds()).containsExactly(Kind.LOST);

    history.record(new History.Timed("a", null, at(4)));
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aDeliveryOfWhichNoTimeIsKnownIsNeitherEarlyNorLate() {
    history.record(new History.Timed("a", at(4), at(5)));
    history.delivered("a", SUB, 1, "t1");
    settled("t1", "done");

    assertThat(kinds()).isEmpty();
  }

  @Test
  void attemptsThatFollowRetriesAndReleasesAreFine() {
    claimed("t1", 1, 1, 1);
    settled("t1", "retry");
    claimed("t2", 2, 2, 2);
    settled("t2", "release");
    claimed("t3", 3, 3, 2);
    history.voided("t3");
    claimed("t4", 4, 4, 3);
    settled("t4", "done");

    assertThat(kinds()).isEmpty();
  }

  @Test
  void aRetryThatIsNotCountedIsMiscounted() {
    claimed("t1", 1, 1, 1);
    settled("t1", "retry");
    claimed("t2", 2, 2, 1);
    settled("t2", "done");

    assertThat(kinds()).containsExactly(Kind.MISCOUNTED);
  }

  @Test
  void aReleaseThatIsCountedIsMiscounted() {
    claimed("t1", 1, 1, 1);
    settled("t1", "release");
    claimed("t2", 2, 2, 2);
    settled("t2", "done");

    assertThat(kinds()).containsExactly(Kind.MISCOUNTED);
  }

  @Test
  void anAttemptThatNobodySawIsFineWhereClaimsGetLost() {
    claimed("t1", 1, 1, 3);
    settled("t1", "done");

    assertThat(kinds()).containsExactly(Kind.MISCOUNTED);
    assertThat(checker.withUnseenClaims().check(history)).isEmpty();
  }

  @Test
  void aHistoryWhoseTimesContradictEachOtherIsRefused() {
    claimed("t1", 5, 4, 1);

    assertThatIllegalStateException().isThrownBy(() -> checker.check(history)).withMessageContaining("before it began");
  }
}
