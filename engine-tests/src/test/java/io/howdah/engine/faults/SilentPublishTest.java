package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Publish never notifies, though consumers sleep and have said so: NOTIFY would make commits of publishers wait for each other, and
 * forbid two-phase commit.
 */
@HowdahTest
class SilentPublishTest {
  private final TestDatabase database;

  SilentPublishTest(TestDatabase database) {
    this.database = database;
    database.query("select howdah.create_queue('quiet')");
  }

  @Test
  void aListenerHearsNothingOfAPublishAndHearsTheBell() throws SQLException {
    String subscription = database.text("select howdah.mark_sleeping('quiet', gen_random_uuid(), '1 min')");
    try (Connection listener = database.connect(); Statement statement = listener.createStatement()) {
      statement.execute("listen howdah");
      database.query("select howdah.publish('quiet', '1')");
      database.query("select howdah.publish_many('quiet', array['1', '2'])");
      database.query("select howdah.ring('{quiet}')");
      database.query("notify howdah, 'end'");
      assertThat(heardUntil(listener, "end")).containsExactly(subscription, "end");
    }
  }

  @Test
  void aPublisherThatUsesTwoPhaseCommitIsNotDisturbedBySleepers() {
    database.query("select howdah.mark_sleeping('quiet', gen_random_uuid(), '1 min')");
    try (Session publisher = database.session("publisher")) {
      publisher.begin().execute("select howdah.publish('quiet', '\"prepared\"')");
      publisher.prepare("xa");
      publisher.commitPrepared("xa");
    }
    assertThat(database.texts("select payload #>> '{}' from howdah.claim('quiet', 100)")).contains("prepared");
  }

  /** Notifications arrive in the order of the commits, so what stands before the last one is all there was. */
  private static List<String> heardUntil(Connection listener, String last) throws SQLException {
    List<String> heard = new ArrayList<>();
    PGConnection postgres = listener.unwrap(PGConnection.class);
    while (!heard.contains(last)) {
      PGNotification[] notifications = postgres.getNotifications(10_000);
      assertThat(notifications).as("a notification within 10 s").isNotEmpty();
      for (PGNotification notification : notifications) {
        heard.add(notification.getParameter());
      }
    }
    return heard;
  }
}
