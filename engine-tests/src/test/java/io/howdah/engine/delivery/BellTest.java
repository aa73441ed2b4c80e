package io.howdah.engine.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Sleeping marks and the bell. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BellTest {
  private static final String MARK = "select howdah.mark_sleeping('q', ?::uuid, '10 s')";
  private static final String ONE = "00000000-0000-0000-0000-000000000001";
  private static final String TWO = "00000000-0000-0000-0000-000000000002";
  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  BellTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
    a.execute("select howdah.create_queue('q')");
  }

  @BeforeEach
  void nobodySleeps() {
    a.execute("delete from howdah.sleeper");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    clock.reset();
  }

  @Test
  void onlySubscriptionsWithASleeperAreRung() throws SQLException {
    try (Connection listener = database.connect()) {
      listener.createStatement().execute("listen howdah");
      assertThat(a.execute("select howdah.ring(array['q', 'unknown'])").number()).isZero();
      String id = a.execute(MARK, ONE).text();
      a.execute(MARK, TWO);
      assertThat(a.execute("select howdah.ring(array['q', 'q'])").number()).isEqualTo(1);

      PGNotification[] rung = listener.unwrap(PGConnection.class).getNotifications(10_000);
      assertThat(rung).singleElement().extracting(PGNotification::getParameter).isEqualTo(id);
    }
  }

  @Test
  void aMarkEndsByItselfOrByWhoSetIt() {
    a.execute(MARK, ONE);
    a.execute("select howdah.unmark_sleeping('q', ?::uuid)", TWO);
    assertThat(a.execute("select howdah.ring(array['q'])").number()).isEqualTo(1);
    a.execute("select howdah.unmark_sleeping('q', ?::uuid)", ONE);
    assertThat(a.execute("select howdah.ring(array['q'])").number()).isZero();
    a.execute(MARK, ONE);
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute("select howdah.ring(array['q'])").number()).isZero();
  }

  @Test
  void aMarkWithoutAProcessOrATimeIsRefused() {
    Refusal.expect("22023", a, "select howdah.mark_sleeping('q', null, '1 s')");
    Refusal.expect("22023", a, "select howdah.mark_sleeping('q', gen_random_uuid(), null)");
    Refusal.expect("22023", a, "select howdah.mark_sleeping('q', gen_random_uuid(), '-1 s')");
    Refusal.expect("22023", a, "select howdah.mark_sleeping('q', gen_random_uuid(), '2 days')");
  }

  /** Each renews its own mark and clears those that have ended; with both marks ended that was a deadlock. */
  @Test
  void twoThatRenewMarksThatHaveEndedDoNotWaitForOneAnother() {
    a.execute(MARK, ONE);
    a.execute(MARK, TWO);
    clock.advance(Duration.ofSeconds(11));
    a.begin().execute("update howdah.sleeper set until = howdah.now() + interval '10 s' where process = ?::uuid", ONE);

    b.execute(MARK, TWO);
    b.execute("select count(*) from howdah.housekeep()");
    a.commit();
    assertThat(a.execute("select count(*) from howdah.sleeper").number()).isEqualTo(2);
  }

  @Test
  void twoThatWaitForEachOthersStreamAreTold() {
    a.execute("select howdah.publish_many('q', array['1', '2'])");
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, array[1], array['retry'], array['0'::interval])", claim.token());
    b.begin().execute("select from howdah.stream where name = 'q' for update");
    b.execute("set local deadlock_timeout = '1 h'");
    a.execute("set deadlock_timeout = '100 ms'");
    a.begin();
    assertThat(Claim.of(a, "q", 1).payloads()).containsExactly("1");
    b.run("select from howdah.stream where name = '~q' for update").awaitBlocked();
    a.execute("select howdah.publish('q', '3')");
    a.execute("select * from howdah.stream where name = 'nothing' for update");
    assertThat(a.execute("select howdah.sequence('q')").text()).as("not an error").isEqualTo("null");
    a.commit();
    b.await();
    b.rollback();
    a.execute("reset all");
  }
}
