package io.howdah.engine.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.testkit.DatabaseException;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Settling in a REPEATABLE READ transaction, which does not see what has happened since it began: it must fail, not fool itself. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OldSnapshotTest {
  private final TestClock clock;
  private final Session old;
  private final Session other;

  OldSnapshotTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.old = database.session("old snapshot");
    this.other = database.session("other");
  }

  @BeforeEach
  void twoMessages() {
    other.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
    other.execute("select howdah.publish_many('q', array['1', '2'])");
  }

  @AfterEach
  void leaveNothingOpen() {
    old.rollback();
    other.rollback();
    clock.reset();
  }

  private void begin() {
    old.execute("begin isolation level repeatable read");
    old.execute("select count(*) from howdah.stream");
  }

  private void failsToSettle(String token, String arguments) {
    assertThatThrownBy(() -> old.execute("select howdah.settle(?" + arguments + ")", token))
        .isInstanceOfSatisfying(DatabaseException.class, e -> assertThat(e.sqlState()).isEqualTo("40001"));
    old.rollback();
  }

  @Test
  void itSettlesWhatIsStillItsOwn() {
    Claim claim = Claim.of(other, "q", 2);
    begin();
    assertThat(claim.done(old)).isEqualTo("settled");
    old.commit();
    assertThat(claim.done(other)).isEqualTo("lapsed");
  }

  @Test
  void itFailsWhenSomebodyHasTakenTheMessages() {
    Claim lost = Claim.of(other, "q", 2);
    begin();
    clock.advance(Duration.ofMinutes(1));
    Claim found = Claim.of(other, "q", 2);
    assertThat(found.positions()).containsExactly(1L, 2L);

    failsToSettle(lost.token(), "");
    assertThat(lost.done(other)).isEqualTo("lapsed");
    assertThat(found.done(other)).isEqualTo("settled");
  }

  @Test
  void itFailsWhenSomebodyHasTakenThemForTheSecondTime() {
    Claim.of(other, "q", 2);
    clock.advance(Duration.ofMinutes(1));
    Claim second = Claim.of(other, "q", 2);
    begin();
    clock.advance(Duration.ofMinutes(1));
    Claim third = Claim.of(other, "q", 1);

    failsToSettle(second.token(), ", array[2], array['done'], rest => 'open'");
    assertThat(third.done(other)).isEqualTo("settled");
  }

  @Test
  void aPartIsNotSettledForWhomTheMessagesWereTakenFrom() {
    Claim.of(other, "q", 1);
    clock.advance(Duration.ofMinutes(1));
    Claim second = Claim.of(other, "q", 1);
    begin();
    clock.advance(Duration.ofMinutes(1));
    Claim third = Claim.of(other, "q", 1);
    assertThat(third.positions()).isEqualTo(second.positions());

    failsToSettle(second.token(), ", array[1], array['retry'], rest => 'open'");
    assertThat(third.done(other)).isEqualTo("settled");
  }

  @Test
  void itFailsWhenTheClaimWasSettledSince() {
    Claim claim = Claim.of(other, "q", 2);
    begin();
    claim.done(other);
    failsToSettle(claim.token(), "");
  }

  @Test
  void twoOldSnapshotsThatSettleAPartEachLeaveNothingBehind() {
    Claim claim = Claim.of(other, "q", 2);
    begin();
    assertThat(other.execute("select howdah.settle(?, array[1], array['done'], rest => 'open')", claim.token()).text())
        .isEqualTo("open");
    assertThat(old.execute("select howdah.settle(?, array[2], array['done'], rest => 'open')", claim.token()).text())
        .as("it does not see that this was the last").isEqualTo("open");
    old.commit();
    clock.advance(Duration.ofMinutes(1));

    assertThat(Claim.of(other, "q", 2).isEmpty()).isTrue();
    assertThat(other.execute("select howdah.next_lapse('q')").text()).as("nothing is in flight").isEqualTo("null");
  }
}
