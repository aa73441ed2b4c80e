package io.howdah.engine.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The jobs of a queue run one after the other, in the order of their times, then of their creation. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobOrderTest {

  private final TestDatabase database;
  private final TestClock clock;
  private final Scope jobs;
  private final Scope other;

  JobOrderTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.jobs = new Scope(database.session("a"), "app");
    this.other = new Scope(database.session("b"), "app");
  }

  @BeforeEach
  void noScope() {
    database.query("select howdah.drop_queue('app', true)");
  }

  @AfterEach
  void leaveNothingOpen() {
    jobs.session().rollback();
    other.session().rollback();
    clock.reset();
  }

  @Test
  void aQueueAndItsScopeComeToExistByTheirFirstJob() {
    jobs.create("mail for Jürgen & Co.", "1");
    assertThat(jobs.jobs("queue, action, state, attempts").values())
        .containsExactly(List.of("mail for Jürgen & Co.", "do", "available", 0));
    assertThat(jobs.runAll()).isEqualTo("1");
  }

  @Test
  void aQueueIsLockedWhileAJobRunsAndASecondNodeSkipsIt() {
    jobs.create("a", "a1");
    jobs.create("a", "a2");
    jobs.create("b", "b1");
    Claim running = jobs.claim(10);
    assertThat(running.payloads()).containsExactly("\"a1\"", "\"b1\"");
    assertThat(other.claim(10).isEmpty()).isTrue();
    assertThat(jobs.states()).containsExactly("a1 running", "a2 waiting", "b1 running");
    jobs.session().execute("select howdah.settle(?, array[?], array['done'], rest => 'open')", running.token(),
        running.positions().getFirst());
    assertThat(other.claim(10).payloads()).as("its next job starts though b1 still runs").containsExactly("\"a2\"");
  }

  @Test
  void jobsRunInTheOrderOfTheirTimesThenOfTheirCreation() {
    jobs.createAt("a", "late", "-1 s");
    jobs.createAt("a", "early", "-2 s");
    jobs.session().execute(
        """
            select howdah.create_job('app', 'a', 'do', to_json(n::text), scheduled_at => '2020-01-01') from generate_series(1, 3) n""");
    jobs.create("a", "last");
    assertThat(jobs.runAll()).isEqualTo("1 2 3 early late last");
  }

  @Test
  void theOrderHoldsForJobsThatTheReaderHasNotSeenYet() {
    jobs.session().execute("""
        select howdah.create_job('app', 'a', 'do', to_json('n' || n)) from generate_series(1, 3000) n""");
    jobs.createAt("a", "first", "-1 hour");
    assertThat(jobs.runOne()).isEqualTo("first");
    assertThat(jobs.runOne()).isEqualTo("n1");
  }

  @Test
  void aJobForLaterHoldsUpNobodyAndStandsWhereItsTimeSays() {
    jobs.createAt("a", "in an hour", "1 hour");
    jobs.createAt("a", "in two", "2 hours");
    jobs.create("a", "now");
    assertThat(jobs.states()).containsExactly("now available", "in an hour scheduled", "in two scheduled");
    assertThat(jobs.runAll()).isEqualTo("now");
    clock.advance(Duration.ofHours(3));
    jobs.create("a", "after");
    database.query("select howdah.promote()");
    assertThat(jobs.runAll()).isEqualTo("in an hour in two after");
  }

  @Test
  void aFailedJobBlocksItsQueueOnlyAndAnEarlierOneDoesNotOvertakeIt() {
    jobs.create("a", "a1");
    jobs.create("a", "a2");
    jobs.create("b", "b1");
    jobs.fail(jobs.claim(1));
    jobs.createAt("a", "a0", "-1 hour");
    assertThat(jobs.states()).containsExactly("a0 waiting", "a1 retrying", "a2 waiting", "b1 available");
    assertThat(jobs.runAll()).isEqualTo("b1");
    clock.advance(Duration.ofSeconds(3));
    assertThat(jobs.runAll()).isEqualTo("a1 a0 a2");
  }

  @Test
  void whatIsKeptOfAJobTellsHowItWent() {
    String id = jobs.create("a", "a1");
    jobs.fail(jobs.claim(1));
    assertThat(jobs.first("""
        state, attempts, attempted_by, error, next_attempt - attempted_at between '1.8 s' and '2.2 s', done_at"""))
        .containsExactly("retrying", 1, "test", "failed: boom", true, null);
    clock.advance(Duration.ofSeconds(3));
    jobs.claim(1);
    assertThat(jobs.first("state, attempts, attempted_by, error, attempted_at > created_at")).containsExactly("running",
        1, "test", "failed: boom", true);
    clock.advance(Duration.ofMinutes(1));
    assertThat(jobs.runAll()).isEqualTo("a1");
    assertThat(
        jobs.first("id::text, state, attempts, attempted_by, error, done_at > created_at, attempted_at = done_at"))
        .containsExactly(id, "done", 3, "test", null, true, true);
  }

  @Test
  void theWaitGrowsToTheJobsOwnCap() {
    jobs.session().execute("select howdah.create_job('app', 'a', 'do', '1', max_backoff => '6 s')");
    for (double expected : List.of(2.0, 3.0, 5.0, 6.0, 6.0)) {
      jobs.fail(jobs.claim(1));
      double wait = Double.parseDouble(jobs.jobs("extract(epoch from next_attempt - attempted_at)").text());
      assertThat(wait).isBetween(expected * 0.9 - 0.001, Math.min(6.001, expected * 1.1 + 0.001));
      clock.advance(Duration.ofSeconds(7));
    }
  }

  @Test
  void afterItsOwnNumberOfAttemptsAJobIsDeadAndItsQueueGoesOn() {
    jobs.session().execute("select howdah.create_job('app', 'a', 'do', to_json('a1'::text), max_attempts => 2)");
    jobs.create("a", "a2");
    for (int i = 0; i < 2; i++) {
      jobs.fail(jobs.claim(1));
      clock.advance(Duration.ofSeconds(10));
    }
    assertThat(jobs.jobs("params #>> '{}', state, attempts, coalesce(error, '')").values())
        .containsExactly(List.of("a1", "dead", 2, "failed: boom"), List.of("a2", "available", 0, ""));
    assertThat(jobs.runAll()).isEqualTo("a2");
  }

  @Test
  void aJobThatKillsItsProcessIsDeadAfterItsAttempts() {
    jobs.session().execute("select howdah.create_job('app', 'a', 'do', to_json('a1'::text), max_attempts => 3)");
    jobs.create("a", "a2");
    for (int i = 0; i < 4; i++) {
      jobs.claim(1);
      clock.advance(Duration.ofMinutes(2));
    }
    assertThat(jobs.first("state, attempts, attempted_by")).containsExactly("dead", 3, "test");
    assertThat(jobs.runAll()).isEqualTo("a2");
  }

  @Test
  void twoScopesWithAQueueOfOneNameDoNotSeeEachOther() {
    jobs.create("a", "mine");
    Scope theirs = new Scope(other.session(), "their-app");
    theirs.create("a", "theirs");
    Claim running = jobs.claim(10);
    assertThat(running.payloads()).containsExactly("\"mine\"");
    assertThat(jobs.states()).containsExactly("mine running");
    assertThat(theirs.runAll()).isEqualTo("theirs");
  }

  @Test
  void oneErrorNamesAllThatIsWrong() {
    assertThatThrownBy(() -> jobs.session().execute("""
        select howdah.create_job('app', '', e'a\\tb', null, '0 s', '-1 s', 0, 'infinity')""")).hasMessageContainingAll(
        "queue must be", "action must be", "params must be", "timeout must be", "max_backoff must be",
        "max_attempts must be", "scheduled_at must be");
  }

  @Test
  void aQueueOfMessagesIsNoScope() {
    jobs.session().execute("select howdah.create_queue('app')");
    Refusal.expect("HD409", jobs.session(), "select howdah.create_job('app', 'a', 'do')");
    Refusal.expect("HD409", jobs.session(), "select howdah.jobs('app')");
    Refusal.expect("HD404", jobs.session(), "select howdah.cancel_job('nothing', gen_random_uuid())");
    Refusal.expect("22023", jobs.session(), "select howdah.create_job_scope('x', '{\"ordering\": \"key\"}')");
  }

  @Test
  void aMessageThatWasPublishedByHandIsAJobToo() {
    jobs.session().execute("""
        select howdah.create_job_scope('app');
        select howdah.publish('app', '"x"', key => 'a',
          headers => '{"howdah.max-attempts": "many", "howdah.at": "soon", "howdah.max-backoff": "1 s"}')""");
    jobs.fail(jobs.claim(1));
    assertThat(jobs.states()).containsExactly("x retrying");
    clock.advance(Duration.ofSeconds(10));
    assertThat(jobs.runAll()).isEqualTo("x");
  }
}
