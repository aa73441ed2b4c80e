package io.howdah.engine.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PopAndPeekTest {
  private final TestDatabase database;
  private final Session a;
  private Session b;

  PopAndPeekTest(TestDatabase database) {
    this.database = database;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.drop_queue('r', true)");
    a.execute("select howdah.create_queue('q'), howdah.create_queue('r')");
    a.execute("select howdah.publish_many('q', '{1,2,3,4}')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
  }

  private static List<String> pop(Session session, int quantity) {
    return session.execute("select payload::text from howdah.pop('q', ?)", quantity).texts();
  }

  @Test
  void whatIsPoppedIsSettled() {
    assertThat(a.execute("select count(*) from howdah.pop('q', 2) where token is null").number()).isEqualTo(2);
    assertThat(a.execute("select ready || ' ' || in_flight from howdah.stats('q')").text()).isEqualTo("2 0");
    assertThat(pop(a, 10)).containsExactly("3", "4");
    assertThat(pop(a, 10)).isEmpty();
    Refusal.expect("HD404", a, "select howdah.pop('nobody')");
    Refusal.expect("22023", a, "select howdah.pop('q', 0)");
  }

  @Test
  void aRollbackGivesTheMessagesBackAtOnce() {
    b.begin();
    assertThat(pop(b, 2)).containsExactly("1", "2");
    b.rollback();
    b.begin();
    assertThat(Claim.of(b, "q", 2).payloads()).containsExactly("1", "2");
    b.rollback();
    Claim claim = Claim.of(a, "q", 4);
    assertThat(claim.payloads()).containsExactly("1", "2", "3", "4");
    assertThat(claim.attempts()).containsOnly(1);
  }

  @Test
  void soDoesABrokenConnection() {
    b.begin();
    assertThat(Claim.of(b, "q", 4).positions()).hasSize(4);
    b.terminate();
    b = database.session("b");
    assertThat(Claim.of(a, "q", 4).attempts()).containsOnly(1).hasSize(4);
  }

  @Test
  void aClaimInATransactionThatStaysOpenHoldsUpTheOthersForASecondOnly() {
    b.begin();
    assertThat(Claim.of(b, "q", 1).payloads()).containsExactly("1");
    assertThat(Claim.of(a, "q", 1).isEmpty()).isTrue();
    b.commit();
    assertThat(Claim.of(a, "q", 1).payloads()).containsExactly("2");
  }

  @Test
  void aLookSeesWhatIsInFlightOnRequestAndTakesNothing() {
    Claim claim = Claim.of(a, "q", 2);
    assertThat(a.execute("select payload::text from howdah.peek('q')").texts()).containsExactly("3", "4");
    assertThat(a.execute("select payload::text from howdah.peek('q', in_flight => true)").texts()).containsExactly("1",
        "2", "3", "4");
    assertThat(claim.done(a)).isEqualTo("settled");
    assertThat(a.execute("select payload::text from howdah.peek('q', in_flight => true)").texts()).containsExactly("3",
        "4");
  }

  @Test
  void allQueuesAreLookedAtAtOnce() {
    a.execute("select howdah.publish('r', '5')");
    assertThat(
        a.execute("select subscription || payload::text from howdah.peek_all(2) where subscription in ('q', 'r')")
            .texts())
        .containsExactly("q1", "q2", "r5");
    Claim.of(a, "r", 1);
    assertThat(a.execute("select subscription from howdah.peek_all(1) where subscription in ('q', 'r')").texts())
        .containsExactly("q");
    assertThat(a.execute("select subscription from howdah.peek_all(1, true) where subscription in ('q', 'r')").texts())
        .containsExactly("q", "r");
  }

  @Test
  void statsKnowTheArchiveAndTheNewestMessage() {
    assertThat(a
        .execute(
            "select archived || ' ' || (newest = (select max(published_at) from howdah.log)) from howdah.stats('q')")
        .text()).isEqualTo("0 true");
    Claim claim = Claim.of(a, "q", 2);
    a.execute("select howdah.settle(?, ?::bigint[], array['archive', 'archive'])", claim.token(), "{1,2}");
    assertThat(a.execute("select archived || ' ' || (newest is not null) from howdah.stats('q')").text())
        .isEqualTo("2 true");
    assertThat(a.execute("select newest is null from howdah.stats('r')").text()).isEqualTo("true");
  }

  @Test
  void anArchiveThatHasGrownLargeIsTold() {
    assertThat(a.execute("select count(*) from howdah.housekeep() where action = 'warning'").number()).isZero();
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, ?::bigint[], array['archive'])", claim.token(), "{1}");
    assertThat(a.execute("select howdah.archive_warning(1)").text()).contains("q", "archive_retention");
    database.sabotage("archive_warning", "v_size <= archive_warning.above", "v_size <= 1");
    assertThat(a.execute("select detail from howdah.housekeep() where action = 'warning'").texts()).hasSize(1);
    database.heal();
  }
}
