package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who publishes in SQL rings no bell, and the poll is stretched to minutes: idle workers see by themselves that it was committed. */
@HowdahTest
class WatchTest {
  private static final HowdahOptions NO_POLL = HowdahOptions.defaults().withPollInterval(Duration.ofMinutes(5));

  private final TestDatabase database;
  private final Howdah howdah;
  private final Session a;
  private final Session b;
  private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();

  WatchTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource(), NO_POLL);
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  @AfterEach
  void close() {
    a.rollback();
    b.rollback();
    howdah.close();
  }

  private Worker idleWorker() {
    Worker worker = howdah.queue("q").consume(delivery -> {
      handled.add(delivery.rawPayload());
      return done();
    });
    Eventually.is("an idle worker has left its mark",
        () -> database.number("select count(*) from howdah.sleeper") == 1);
    return worker;
  }

  private void arrives(String payload) throws InterruptedException {
    assertThat(handled.poll(10, TimeUnit.SECONDS)).isEqualTo(payload);
  }

  @Test
  void whatIsPublishedInSqlStartsSoon() throws InterruptedException {
    try (Worker worker = idleWorker()) {
      a.execute("select howdah.publish('q', '1')");
      arrives("1");
      a.execute("select howdah.publish('q', '2')");
      arrives("2");
    }
  }

  @Test
  void aTransactionThatCommitsLongAfterItHasPublishedIsNotMissedAmongOthersThatGoOn() throws InterruptedException {
    try (Worker worker = idleWorker()) {
      a.begin().execute("select howdah.publish('q', '1')");
      b.begin().execute("select pg_current_xact_id()");
      for (int i = 0; i < 5; i++) {
        database.query("select pg_current_xact_id(), pg_sleep(0.15)");
      }
      assertThat(handled).isEmpty();
      a.commit();
      arrives("1");
      b.execute("select howdah.publish('q', '2')");
      b.execute("select pg_sleep(0.5)");
      b.commit();
      arrives("2");
    }
  }

  @Test
  void whatIsScheduledInSqlComesWhenItIsDue() throws InterruptedException {
    try (Worker worker = idleWorker()) {
      a.execute("select howdah.publish('q', '1', delay => '700 ms')");
      arrives("1");
    }
  }

  private String stirred() {
    return a
        .execute(
            "select howdah.stirred(array(select b.id from howdah.subscription b where b.name = 'q'), '5 s') = '{}'")
        .text();
  }

  @Test
  void onlyWhatConcernsASleeperStirsIt() {
    a.execute("select howdah.create_queue('other'), howdah.publish('other', '1')");
    a.execute("select howdah.publish('other', '1', delay => '1 s'), howdah.publish('q', '1', delay => '10 s')");
    assertThat(stirred()).isEqualTo("true");
    database.clock().advance(Duration.ofSeconds(6));
    assertThat(stirred()).as("due in 4 s").isEqualTo("false");
    a.execute("select howdah.pause('q')");
    assertThat(stirred()).as("paused").isEqualTo("true");
    database.clock().reset();
  }

  @Test
  void theBoundOfWhatIsOpenIsTheNextTransaction() {
    long own = a.begin().execute("select pg_current_xact_id()::text::bigint").number();
    long next = b.execute("select next_xid from howdah.pulse()").number();
    assertThat(next).isGreaterThan(own).isLessThan(own + 1000);
    assertThat(b.execute("select pg_snapshot_xmin(snapshot)::text::bigint from howdah.pulse()").number())
        .isLessThanOrEqualTo(own);
  }
}
