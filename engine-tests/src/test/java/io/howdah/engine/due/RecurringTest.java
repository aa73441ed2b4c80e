package io.howdah.engine.due;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecurringTest {
  private static final String PROMOTE = "select howdah.promote()";
  private static final String AT_HALF_PAST = "select howdah.create_recurring('r', 'q', '30 * * * *', '{\"n\":1}')";
  private static int day;

  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  RecurringTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  /** It is noon of a day to come, so that no test sees the clock of the machine pass a time; and of a later one for each, so that none comes to a time that promote has passed. */
  @BeforeEach
  void noon() {
    day++;
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
    Instant noon = clock.now().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofHours(12 + 24 * day));
    clock.advance(Duration.between(clock.now(), noon));
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    clock.reset();
  }

  @Test
  void itIsPublishedAtItsTimesWithTheTimeInAHeader() {
    Instant noon = clock.now().truncatedTo(ChronoUnit.HOURS);
    assertThat(a.execute(AT_HALF_PAST).size()).isEqualTo(1);
    clock.advance(Duration.ofMinutes(29));
    assertThat(a.execute(PROMOTE).number()).isZero();
    clock.advance(Duration.ofMinutes(2));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(a.execute(PROMOTE).number()).isZero();
    assertThat(a.execute("select payload::text || ' ' || (headers ->> 'recurring') || ' ' || (headers ->> 'due')"
        + " from howdah.claim('q', 10)").texts()).containsExactly("{\"n\":1} r " + noon.plus(Duration.ofMinutes(30)));
    clock.advance(Duration.ofMinutes(60));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(a.execute("select fired || ' ' || (next - fired_at) from howdah.recurring('r')").text())
        .isEqualTo("2 01:00:00");
  }

  @Test
  void aClaimFiresItWithoutADaemonAndAConsumerKnowsWhen() {
    a.execute(AT_HALF_PAST);
    assertThat(a.execute("select howdah.next_due('q') - howdah.now() between '29 min' and '30 min'").text())
        .isEqualTo("true");
    clock.advance(Duration.ofMinutes(31));
    assertThat(Claim.of(a, "q", 1).isEmpty()).isTrue();
    assertThat(Claim.of(a, "q", 1).payloads()).containsExactly("{\"n\":1}");
  }

  @Test
  void missedTimesAreOneMessageOrAllOrNone() {
    for (String missed : List.of("once", "all", "skip")) {
      a.execute("select howdah.create_recurring(?, 'q', '30 * * * *', to_json(?::text), missed => ?)", missed, missed,
          missed);
    }
    clock.advance(Duration.ofHours(10));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(11);
    List<String> payloads = Claim.drain(a, "q");
    assertThat(Collections.frequency(payloads, "\"all\"")).isEqualTo(10);
    assertThat(Collections.frequency(payloads, "\"once\"")).isEqualTo(1);
    assertThat(
        a.execute("select distinct next - howdah.now() between '29 min' and '30 min' from howdah.recurring()").texts())
        .containsExactly("true");
    clock.advance(Duration.ofMinutes(30).plusSeconds(5));
    assertThat(a.execute(PROMOTE).number()).as("five seconds late is not missed").isEqualTo(3);
  }

  @Test
  void manyMissedTimesComeInParts() {
    a.execute("select howdah.create_recurring('r', 'q', '* * * * *', '1', missed => 'all')");
    clock.advance(Duration.ofMinutes(250).plusSeconds(30));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(100);
    assertThat(a.execute(PROMOTE).number()).isEqualTo(100);
    assertThat(a.execute(PROMOTE).number()).isEqualTo(50);
    assertThat(a.execute(PROMOTE).number()).isZero();
    assertThat(a.execute("select count(distinct headers ->> 'due') from howdah.peek('q', 1000)").number())
        .isEqualTo(250);
  }

  @Test
  void whoFiresIsTheOnlyOneAndARollbackLeavesItToTheNext() {
    a.execute(AT_HALF_PAST);
    clock.advance(Duration.ofMinutes(31));
    a.begin();
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(b.execute(PROMOTE).number()).isZero();
    assertThat(b.execute("select howdah.fire_recurring(howdah.now())").number()).as("its row is locked").isZero();
    a.rollback();
    assertThat(b.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).hasSize(1);
  }

  @Test
  void manyProcessesFireEachTimeOnce() {
    a.execute("select howdah.create_recurring('r', 'q', '* * * * *', '1', missed => 'all')");
    List<Session> firers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      firers.add(database.session("firer " + i));
    }
    for (int minute = 0; minute < 20; minute++) {
      clock.advance(Duration.ofMinutes(1));
      firers.forEach(each -> each.run(PROMOTE));
      firers.forEach(Session::await);
    }
    assertThat(a.execute("select count(*), count(distinct headers ->> 'due') from howdah.peek('q', 1000)").values())
        .containsExactly(List.of(20L, 20L));
    firers.forEach(Session::close);
  }

  @Test
  void whatIsPausedDoesNotFireAndIsNotMadeUpFor() {
    a.execute("select howdah.create_recurring('r', 'q', '30 * * * *', '1', missed => 'all')");
    assertThat(a.execute("select howdah.pause_recurring('r')").text()).isEqualTo("true");
    assertThat(a.execute("select howdah.pause_recurring('r')").text()).isEqualTo("false");
    clock.advance(Duration.ofHours(5));
    assertThat(a.execute(PROMOTE).number()).isZero();
    assertThat(a.execute("select next from howdah.recurring('r')").text()).isEqualTo("null");
    assertThat(a.execute("select howdah.create_recurring('r', 'q', '0 * * * *', '1')").text())
        .as("a new definition does not resume it").isEqualTo("null");
    assertThat(a.execute("select howdah.resume_recurring('r') - howdah.now() between '59 min' and '1 h'").text())
        .isEqualTo("true");
    assertThat(a.execute(PROMOTE).number()).isZero();
    assertThat(a.execute("select howdah.drop_recurring('r')").text()).isEqualTo("true");
    assertThat(a.execute("select howdah.drop_recurring('r')").text()).isEqualTo("false");
    clock.advance(Duration.ofHours(5));
    assertThat(a.execute(PROMOTE).number()).isZero();
    Refusal.expect("HD404", a, "select howdah.pause_recurring('r')");
    Refusal.expect("HD404", a, "select howdah.resume_recurring('r')");
  }

  @Test
  void toMakeItAgainChangesItAndForgetsNothingThatIsDue() {
    a.execute(AT_HALF_PAST);
    clock.advance(Duration.ofMinutes(31));
    a.execute("select howdah.create_recurring('r', 'q', '30 * * * *', '2')");
    assertThat(a.execute(PROMOTE).number()).as("each start of an application makes it again").isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    a.execute("select howdah.create_recurring('r', 'q', '45 * * * *', '3')");
    clock.advance(Duration.ofMinutes(15));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("3");
    assertThat(a.execute("select count(*) from howdah.recurring()").number()).isEqualTo(1);
  }

  @Test
  void whatCannotBePublishedHoldsUpNobodyAndSaysWhy() {
    a.execute("select howdah.create_queue('small')");
    a.execute("select howdah.create_recurring('broken', 'small', '30 * * * *', '\"much too long\"')");
    a.execute(AT_HALF_PAST);
    a.execute("update howdah.stream set max_payload = 4 where name = 'small'");
    clock.advance(Duration.ofMinutes(31));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).hasSize(1);
    assertThat(a.execute("select error from howdah.recurring('broken')").text()).contains("22023", "payload");
    a.execute("update howdah.stream set max_payload = 100 where name = 'small'");
    clock.advance(Duration.ofMinutes(60));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(2);
    assertThat(a.execute("select error from howdah.recurring('broken')").text()).isEqualTo("null");
    assertThat(a.execute("select failed from howdah.recurring('broken')").number()).isEqualTo(1);
    a.execute("select howdah.drop_queue('small', true)");
    assertThat(a.execute("select count(*) from howdah.recurring('broken')").number()).isZero();
  }

  @Test
  void itIsNoMessageThatWaits() {
    a.execute(AT_HALF_PAST);
    assertThat(a.execute("select scheduled from howdah.stats('q')").number()).isZero();
    assertThat(a.execute("select count(*) from howdah.scheduled('q')").number()).isZero();
    assertThat(a.execute("select howdah.drop_queue('q')").text()).isEqualTo("true");
    clock.advance(Duration.ofMinutes(31));
    assertThat(a.execute(PROMOTE).number()).isZero();
  }

  @Test
  void whatCannotRecurIsRefused() {
    Refusal.expect("HD404", a, "select howdah.create_recurring('r', 'nowhere', '* * * * *', '1')");
    Refusal.expect("22023", a, "select howdah.create_recurring('r r', 'q', '* * * * *', '1')");
    Refusal.expect("22023", a, "select howdah.create_recurring('r', 'q', '* * *', '1')");
    Refusal.expect("22023", a, "select howdah.create_recurring('r', 'q', '0 0 30 2 *', '1')");
    Refusal.expect("22023", a, "select howdah.create_recurring('r', 'q', '* * * * *', '1', zone => 'Nowhere/City')");
    Refusal.expect("22023", a, "select howdah.create_recurring('r', 'q', '* * * * *', '1', missed => 'maybe')");
    Refusal.expect("22004", a, "select howdah.create_recurring('r', 'q', '* * * * *', null)");
    Refusal.expect("22023", a, "select howdah.create_recurring('r', 'q', '* * * * *', '1', topic => 'a..b')");
    assertThat(a.execute("select count(*) from howdah.recurring()").number()).isZero();
  }

  /** Makes q refuse what recurs, and says again that it takes it. */
  private void accepting(boolean accepting) {
    a.execute("update howdah.stream set max_payload = ? where name = 'q'", accepting ? 1_000 : 1);
  }

  private String dues() {
    return String.join(" ", a.execute("select headers ->> 'due' from howdah.claim('q', 1000)").texts());
  }

  @Test
  void aTimeThatFailsIsTriedAgainAfterAMinuteAndKept() {
    for (String missed : List.of("skip", "once", "all")) {
      noon();
      a.execute("select howdah.create_recurring('r', 'q', '30 12 * * *', '{\"n\":1}', missed => ?)", missed);
      Instant fire = clock.now().truncatedTo(ChronoUnit.HOURS).plus(Duration.ofMinutes(30));
      accepting(false);
      clock.advance(Duration.ofSeconds(1_820));
      for (int i = 0; i < 3; i++) {
        assertThat(a.execute(PROMOTE).number()).as(missed).isZero();
        assertThat(a.execute(PROMOTE).number()).as("at once again").isZero();
        clock.advance(Duration.ofSeconds(61));
      }
      assertThat(a.execute("select failed || left(error, 5) from howdah.recurring('r')").text()).isEqualTo("322023");
      accepting(true);
      assertThat(a.execute(PROMOTE).number()).as(missed).isEqualTo(1);
      assertThat(dues()).as(missed).isEqualTo(fire.toString());
      assertThat(
          a.execute("select error is null and next - fired_at = interval '1 day' from howdah.recurring('r')").text())
          .isEqualTo("true");
      clock.advance(Duration.ofMinutes(5));
      assertThat(a.execute(PROMOTE).number()).isZero();
    }
  }

  @Test
  void timesThatFailUntilTheNextOneIsThereAreMadeUpForAsThePolicySays() {
    for (String missed : List.of("skip", "once", "all")) {
      noon();
      a.execute("select howdah.create_recurring('r', 'q', '* * * * *', '{\"n\":1}', missed => ?)", missed);
      Instant noon = clock.now().truncatedTo(ChronoUnit.HOURS);
      accepting(false);
      clock.advance(Duration.ofSeconds(1));
      for (int i = 0; i < 3; i++) {
        clock.advance(Duration.ofMinutes(1));
        assertThat(a.execute(PROMOTE).number()).isZero();
      }
      accepting(true);
      clock.advance(Duration.ofMinutes(1));
      a.execute(PROMOTE);
      assertThat(dues()).as(missed).isEqualTo(switch (missed) {
        case "skip" -> noon.plusSeconds(240).toString();
        case "once" -> noon.plusSeconds(60).toString();
        default -> noon.plusSeconds(60) + " " + noon.plusSeconds(120) + " " + noon.plusSeconds(180) + " "
            + noon.plusSeconds(240);
      });
    }
  }
}
