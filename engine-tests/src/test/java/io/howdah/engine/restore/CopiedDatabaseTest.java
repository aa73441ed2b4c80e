package io.howdah.engine.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each test database is a copy of another one, so it begins as a restored database does: in an epoch that is over. */
class CopiedDatabaseTest {
  private static final String CLAIM = "select payload::text from howdah.claim('orders', 10)";
  private final TestDatabase copy = TestServer.shared().createDatabase();

  @AfterEach
  void drop() {
    copy.close();
  }

  @Test
  void whatWasPublishedBeforeAnythingWasSequencedIsDelivered() {
    copy.query("select howdah.create_queue('orders')");
    copy.query("select howdah.publish('orders', '1')");

    assertThat(copy.texts(CLAIM)).containsExactly("1");
    copy.query("select howdah.publish('orders', '2')");
    assertThat(copy.texts(CLAIM)).containsExactly("2");
  }

  @Test
  void aTickThatHasSeenTransactionsOfTheFutureHidesNothingThatIsPublishedInTheNewEpoch() {
    copy.query("select howdah.create_queue('orders')");
    copy.query("select howdah.publish('orders', '1')");
    assertThat(copy.texts(CLAIM)).containsExactly("1");
    String oldEpoch = copy.text("select max(no) from howdah.epoch");
    copy.query("update howdah.tick set seen = '{[0,1000000000000)}'");
    copy.query("update howdah.epoch set database = 1 where no = ?::int", oldEpoch);
    copy.query("refresh materialized view howdah.birth");

    assertThat(copy.texts(CLAIM)).isEmpty();
    assertThat(copy.number("select max(no) from howdah.epoch")).isGreaterThan(Long.parseLong(oldEpoch));
    copy.query("select howdah.publish('orders', '2')");

    assertThat(copy.texts(CLAIM)).containsExactly("2");
    assertThat(copy.texts("select position from howdah.claim('orders', 10)")).isEmpty();
  }
}
