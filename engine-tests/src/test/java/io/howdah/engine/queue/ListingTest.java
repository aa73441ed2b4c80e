package io.howdah.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who looks stops nobody, however long the transaction in which he looks stays open. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ListingTest {
  private final Session a;
  private final Session b;

  ListingTest(TestDatabase database) {
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void aJobThatNobodyHasSeenYet() {
    a.execute("select howdah.drop_queue('jobs', true), howdah.create_job_scope('jobs')");
    a.execute("select howdah.create_job('jobs', 'a', 'do', '1')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
  }

  @ParameterizedTest
  @ValueSource(strings = {"count(*) from howdah.jobs('jobs')", "howdah.count_jobs('jobs')",
      "howdah.purge('jobs', dry_run => true)", "howdah.purge('jobs', key => 'a', dry_run => true)",
      "count(*) from howdah.peek('jobs')", "count(*) from howdah.peek_all() where subscription = 'jobs'",
      "count(*) from howdah.stats('jobs') where ready = 1", "count(*) from howdah.state('jobs') where state = 'ready'"})
  void itSeesWhatHasNoPositionYetAndConsumersGoOn(String look) {
    a.begin();
    assertThat(a.execute("select " + look).number()).isEqualTo(1);
    assertThat(Claim.of(b, "jobs", 1).payloads()).containsExactly("1");
  }

  @Test
  void whatTheCallerCreatesInTheSameTransactionIsListedOnceItIsCommitted() {
    a.begin().execute("select howdah.create_job('jobs', 'b', 'do', '2')");
    assertThat(a.execute("select params::text from howdah.jobs('jobs')").texts()).containsExactly("1");
    a.commit();
    assertThat(a.execute("select params::text || ' ' || state from howdah.jobs('jobs')").texts())
        .containsExactly("1 available", "2 available");
  }

  @Test
  void jobsWithoutAPositionStandInTheirOrder() {
    a.execute("select howdah.create_job('jobs', 'a', 'do', '2')");
    assertThat(a.execute("select params::text || ' ' || state from howdah.jobs('jobs')").texts())
        .containsExactly("1 available", "2 waiting");
    Claim.of(b, "jobs", 1);
    a.execute("select howdah.create_job('jobs', 'a', 'do', '3')");
    assertThat(a.execute("select params::text || ' ' || state from howdah.jobs('jobs')").texts())
        .containsExactly("1 running", "2 waiting", "3 waiting");
  }

  @Test
  void ofABoundQueueOnlyWhatItTakesIsSeen() {
    a.execute("select howdah.drop_stream('s', true), howdah.create_stream('s')");
    a.execute("select howdah.create_bound_queue('bound', 's', '{x}')");
    a.execute("select howdah.publish_many('s', '{1,2,3}', '{x,y,x}')");
    assertThat(a.execute("select payload::text from howdah.peek('bound')").texts()).containsExactly("1", "3");
    assertThat(a.execute("select payload::text from howdah.peek('bound', 1)").texts()).containsExactly("1");
    assertThat(a.execute("select howdah.purge('bound', dry_run => true)").number()).isEqualTo(2);
    assertThat(a.execute("select howdah.purge('bound', topic => 'y', dry_run => true)").number()).isZero();
  }
}
