package io.howdah.engine.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A claim in SQL that waits. */
@HowdahTest
class LongPollTest {
  private final TestDatabase database;
  private final Session a;
  private final Session b;

  LongPollTest(TestDatabase database) {
    this.database = database;
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
    database.clock().reset();
  }

  @Test
  void itTakesWhatIsThereAtOnce() {
    a.execute("select howdah.publish_many('q', '{1,2,3}')");
    assertThat(a.execute("select payload::text from howdah.long_poll('q', 2, wait => '20 s')").texts())
        .containsExactly("1", "2");
  }

  @Test
  void itTakesWhatIsPublishedWhileItWaits() {
    b.run("select payload::text from howdah.long_poll('q', 2, wait => '20 s')");
    a.execute("select pg_sleep(0.2)");
    a.execute("select howdah.publish('q', '1')");
    assertThat(b.await().texts()).containsExactly("1");
  }

  @Test
  void itReturnsNothingWhenTheTimeIsOver() {
    assertThat(a.execute("select count(*) from howdah.long_poll('q', wait => '150 ms')").number()).isZero();
    assertThat(a.execute("select count(*) from howdah.long_poll('q', wait => '0')").number()).isZero();
  }

  @Test
  void itDoesNotSitOnWhatItHasMovedItself() {
    a.execute("select howdah.publish('q', '1', delay => '1 min')");
    database.clock().advance(Duration.ofMinutes(2));
    assertThat(a.execute("select count(*) from howdah.long_poll('q', wait => '20 s')").number()).isZero();
    assertThat(a.execute("select payload::text from howdah.long_poll('q', wait => '20 s')").texts())
        .containsExactly("1");
  }

  @Test
  void anAbsurdWaitIsRefused() {
    for (String wait : new String[]{"null", "'-1 s'", "'21 s'", "'infinity'"}) {
      Refusal.expect("22023", a, "select howdah.long_poll('q', wait => " + wait + ")");
    }
    Refusal.expect("HD404", a, "select howdah.long_poll('nobody', wait => '1 s')");
  }
}
