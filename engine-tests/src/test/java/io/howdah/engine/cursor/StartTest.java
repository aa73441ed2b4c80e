package io.howdah.engine.cursor;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A new subscription starts where it is told to, and nothing that follows is missing. */
class StartTest {
  private final TestDatabase database = TestServer.shared().createDatabase();
  private final TestClock clock = database.clock();
  private final Session a = database.session("a");
  private final Session b = database.session("b");

  @BeforeEach
  void stream() {
    a.execute("select howdah.create_stream('s', '1 h')");
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void publish(String payload) {
    a.execute("select howdah.publish('s', ?::json)", payload);
  }

  /** The moment, as the database will read it. */
  private String moment() {
    clock.advance(Duration.ofSeconds(10));
    return a.execute("select howdah.now()::text").text();
  }

  private void from(String time) {
    a.execute("select howdah.create_subscription('r', 's', start_time => ?::timestamptz)", time);
  }

  @Test
  void fromAPositionItGetsThatMessageAndAllThatFollow() {
    for (int i = 1; i <= 5; i++) {
      publish(String.valueOf(i));
    }
    a.execute("select howdah.create_subscription('r', 's', start_position => 3)");
    a.execute("select howdah.create_subscription('next', 's', start_position => 6)");
    publish("6");
    assertThat(Claim.of(a, "r", 9).positions()).containsExactly(3L, 4L, 5L);
    assertThat(Claim.of(a, "r", 9).positions()).containsExactly(6L);
    assertThat(Claim.of(a, "next", 9).payloads()).containsExactly("6");
  }

  @Test
  void fromATimeItGetsWhatWasPublishedThenOrLaterWhenItGotItsPositionMatteringNothing() {
    publish("1");
    String one = moment();
    publish("2");
    a.execute("select howdah.sequence('s')");
    publish("3");
    String three = moment();
    publish("4");
    a.execute("select howdah.create_subscription('late', 's', start_time => ?::timestamptz)", three);
    from(one);
    assertThat(Claim.drain(a, "late")).as("3 and 4 got their positions together").containsExactly("4");
    assertThat(Claim.drain(a, "r")).containsExactly("2", "3", "4");
  }

  @Test
  void fromATimeSinceWhenNothingWasPublishedItStartsWithWhatComes() {
    publish("1");
    from(moment());
    publish("2");
    assertThat(Claim.drain(a, "r")).containsExactly("2");
  }

  @Test
  void aMessageThatWasPublishedEarlierButCommitsLateIsNotMissing() {
    b.begin().execute("select howdah.publish('s', '\"late\"')");
    String time = moment();
    publish("1");
    from(time);
    b.commit();
    publish("2");
    assertThat(Claim.drain(a, "r")).contains("\"late\"", "1", "2");
  }

  @Test
  void aTimeOnTheEdgeIsIncluded() {
    publish("1");
    String time = a.execute("select published_at::text from howdah.log").text();
    clock.advance(Duration.ofSeconds(1));
    publish("2");
    from(time);
    assertThat(Claim.drain(a, "r")).containsExactly("1", "2");
  }

  @Test
  void manyTicksBeforeTheTimeAreNoObstacle() {
    for (int i = 1; i <= 30; i++) {
      publish(String.valueOf(i));
      a.execute("select howdah.sequence('s')");
    }
    String time = moment();
    a.execute("select howdah.publish_many('s', array(select n::text from generate_series(31, 3030) n))");
    a.execute("select howdah.sequence('s')");
    from(time);
    assertThat(Claim.of(a, "r", 1).payloads()).containsExactly("31");
  }

  @Test
  void whatIsGoneIsToldAndNeverSkipped() {
    publish("1");
    publish("2");
    a.execute("select howdah.sequence('s')");
    String time = moment();
    a.execute("select howdah.create_queue('filler'), howdah.publish_many('filler', "
        + "array(select to_json(repeat(n::text, 100))::text from generate_series(1000, 3999) n))");
    Claim.drain(a, "filler");
    clock.advance(Duration.ofMinutes(1));
    a.execute("select * from howdah.housekeep()");
    clock.advance(Duration.ofHours(2));
    assertThat(a.execute("select action from howdah.housekeep()").texts()).contains("emptied");
    publish("3");

    Refusal.expect("HD416", a, "select howdah.create_subscription('r', 's', start_position => 1)");
    Refusal.expect("HD416", a, "select howdah.create_subscription('r', 's', start_time => '2020-01-01Z')");
    assertThat(a.execute("select count(*) from howdah.subscription where name = 'r'").number()).isZero();
    a.execute("select howdah.create_subscription('third', 's', start_position => 3)");
    assertThat(Claim.drain(a, "third")).containsExactly("3");
    from(time);
    assertThat(Claim.drain(a, "r")).as("nothing that is gone was published then or later").containsExactly("3");
  }

  @Test
  void aStartThatContradictsItselfOrLiesInTheFutureIsRefused() {
    publish("1");
    for (String start : new String[]{"'yesterday'", "'now', start_position => 1", "'beginning', start_time => now()",
        "start_time => now(), start_position => 1", "start_position => 0", "start_position => 3",
        "start_time => 'infinity'", "start_time => '-infinity'", "start_time => now() + interval '1 min'"}) {
      Refusal.expect("22023", a, "select howdah.create_subscription('r', 's', " + start + ")");
    }
  }
}
