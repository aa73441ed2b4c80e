package io.howdah.engine.due;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScheduledTest {
  private static final String PROMOTE = "select howdah.promote()";
  private final TestClock clock;
  private final Session a;
  private final Session b;

  ScheduledTest(TestDatabase database, TestClock clock) {
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

  private String publish(String payload, String due) {
    return a.execute("select howdah.publish('q', ?::json, due => " + due + ")", payload).text();
  }

  @Test
  void theDueTimeIsKeptToTheMicrosecondInAnyTimeZone() {
    for (String zone : new String[]{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}) {
      a.execute("set timezone = '" + zone + "'");
      publish("1", "'2030-03-31 01:30:00.123457+00'");
      assertThat(a.execute("select bool_and(due = '2030-03-31 01:30:00.123457+00') from howdah.scheduled('q')").text())
          .as(zone).isEqualTo("true");
    }
    a.execute("set timezone = 'UTC'");
  }

  @Test
  void aMessageComesAtItsTimeAndNotBefore() {
    publish("1", "howdah.now() + interval '1 min'");
    clock.advance(Duration.ofSeconds(50));
    assertThat(a.execute(PROMOTE).number()).isZero();
    assertThat(Claim.drain(a, "q")).isEmpty();
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void aTimeThatIsPastMeansNow() {
    publish("1", "'2001-01-01'");
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void oneStatementTakesDelaysAndTimesAndNeither() {
    a.execute("select howdah.publish_many('q', array['1', '2', '3'], delays => array['1 h', null, null]::interval[],"
        + " dues => array[null, howdah.now() + interval '2 h', null])");
    assertThat(Claim.drain(a, "q")).containsExactly("3");
    assertThat(a.execute("select payload from howdah.scheduled('q')").texts()).containsExactly("1", "2");
  }

  @Test
  void timesThatCannotBeAreRefused() {
    Refusal.expect("22023", a, "select howdah.publish('q', '1', delay => '1 s', due => now())");
    Refusal.expect("22023", a, "select howdah.publish('q', '1', due => 'infinity')");
    Refusal.expect("22023", a, "select howdah.publish('q', '1', due => now() + interval '11 years')");
    Refusal.expect("22023", a, "select howdah.publish_many('q', array['1', '2'], dues => array[now()])");
    publish("1", "howdah.now() + interval '9 years 360 days'");
    assertThat(a.execute("select count(*) from howdah.scheduled('q')").number()).isEqualTo(1);
  }

  @Test
  void whatIsCancelledIsNeverDelivered() {
    String id = publish("1", "howdah.now() + interval '1 min'");
    assertThat(a.execute("select howdah.cancel_scheduled('q', ?::uuid)", id).text()).isEqualTo("true");
    assertThat(a.execute("select howdah.cancel_scheduled('q', ?::uuid)", id).text()).isEqualTo("false");
    clock.advance(Duration.ofMinutes(2));
    assertThat(a.execute(PROMOTE).number()).isZero();
    Refusal.expect("HD404", a, "select howdah.cancel_scheduled('nowhere', ?::uuid)", id);
  }

  @Test
  void aCancelThatIsRolledBackHasNeverBeen() {
    String id = publish("1", "howdah.now() + interval '1 min'");
    b.begin();
    b.execute("select howdah.cancel_scheduled('q', ?::uuid)", id);
    clock.advance(Duration.ofMinutes(2));
    assertThat(a.execute(PROMOTE).number()).as("somebody is about to take it back").isZero();
    b.rollback();
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void whoCancelsWhileItIsPromotedIsTold() {
    String id = publish("1", "howdah.now() + interval '1 s'");
    clock.advance(Duration.ofMinutes(1));
    a.begin();
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    b.run("select howdah.cancel_scheduled('q', ?::uuid)", id).awaitBlocked();
    a.commit();
    assertThat(b.await().text()).isEqualTo("false");
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void aNewTimeCountsEarlierOrLater() {
    String first = publish("1", "howdah.now() + interval '1 h'");
    String second = publish("2", "howdah.now() + interval '1 min'");
    a.execute("select howdah.reschedule('q', ?::uuid, howdah.now() + interval '2 min')", first);
    a.execute("select howdah.reschedule('q', ?::uuid, howdah.now() + interval '1 day')", second);
    assertThat(a.execute("select payload from howdah.scheduled('q')").texts()).containsExactly("1", "2");
    clock.advance(Duration.ofMinutes(3));
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
    assertThat(a.execute("select howdah.reschedule('q', ?::uuid, howdah.now())", first).text()).isEqualTo("false");
    Refusal.expect("22023", a, "select howdah.reschedule('q', ?::uuid, null)", second);
    Refusal.expect("22023", a, "select howdah.reschedule('q', ?::uuid, 'infinity')", second);
  }

  /** Before the watermark nobody looks but every ten seconds. */
  @Test
  void aNewTimeThatIsPastMeansAtOnce() {
    String id = publish("1", "howdah.now() + interval '1 h'");
    clock.advance(Duration.ofMinutes(5));
    a.execute(PROMOTE);
    a.execute("select howdah.reschedule('q', ?::uuid, howdah.now() - interval '4 min')", id);
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void aRetryIsListedAndCanBeHurriedOrGivenUp() {
    a.execute("select howdah.publish_many('q', array['1', '2'])");
    Claim claim = Claim.of(a, "q", 2);
    a.execute("select howdah.settle(?, array[1, 2], array['retry', 'retry'], array['1 h', '2 h']::interval[],"
        + " reasons => array['busy', null])", claim.token());
    assertThat(
        a.execute("select concat_ws(' ', payload, subscription, attempt, reason) from howdah.scheduled('q')").texts())
        .containsExactly("1 q 1 busy", "2 q 1");
    String first = a.execute("select id from howdah.scheduled('q', quantity => 1)").text();
    assertThat(a.execute("select howdah.reschedule('q', ?::uuid, howdah.now())", first).text())
        .as("there is no delayed message of this id").isEqualTo("false");
    assertThat(a.execute("select howdah.reschedule('q', ?::uuid, howdah.now(), 'q')", first).text()).isEqualTo("true");
    String second = a.execute("select id from howdah.scheduled('q') where payload::text = '2'").text();
    assertThat(a.execute("select howdah.cancel_scheduled('q', ?::uuid, 'q')", second).text()).isEqualTo("true");
    assertThat(a.execute(PROMOTE).number()).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
    Refusal.expect("HD404", a, "select howdah.cancel_scheduled('q', ?::uuid, 'other')", second);
  }

  @Test
  void theListIsOfOneStreamAndBounded() {
    a.execute("select howdah.create_queue('other')");
    a.execute("select howdah.publish('other', '0', delay => '1 s')");
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 300) n),"
        + " delays => array(select n * interval '1 min' from generate_series(1, 300) n))");
    assertThat(a.execute("select payload from howdah.scheduled('q')").texts()).hasSize(100).startsWith("1", "2");
    assertThat(a.execute("select payload from howdah.scheduled('q', quantity => 10000)").texts()).hasSize(300);
    Refusal.expect("22023", a, "select * from howdah.scheduled('q', quantity => 0)");
    Refusal.expect("HD404", a, "select * from howdah.scheduled('nowhere')");
    a.execute("select howdah.drop_queue('other', true)");
  }
}
