package io.howdah.engine.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Jobs can be listed, searched, cancelled, retried and skipped, never beyond their scope. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JobListTest {

  private final TestDatabase database;
  private final TestClock clock;
  private final Scope jobs;

  JobListTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.jobs = new Scope(database.session("a"), "app");
  }

  @BeforeEach
  void noScope() {
    database.query("select howdah.drop_queue('app', true)");
  }

  @AfterEach
  void theClockAgain() {
    jobs.session().rollback();
    clock.reset();
  }

  private String found(String filter) {
    return String.join(" ",
        jobs.session().execute("select params #>> '{}' from howdah.jobs('app', ?::json)", filter).texts());
  }

  @Test
  void jobsAreFoundByEachMemberOfAFilterAndByAllTogether() {
    String id = jobs.create("a", "a1");
    jobs.create("a", "a2 100%");
    jobs.create("b", "b1");
    jobs.createAt("b", "b2", "1 hour");
    new Scope(jobs.session(), "else").create("a", "a1");
    assertThat(found("{}")).isEqualTo("a1 a2 100% b1 b2");
    assertThat(found("{\"id\": \"" + id + "\"}")).isEqualTo("a1");
    assertThat(found("{\"queue\": \"b\"}")).isEqualTo("b1 b2");
    assertThat(found("{\"action\": \"do\", \"state\": \"scheduled\"}")).isEqualTo("b2");
    assertThat(found("{\"available\": true}")).isEqualTo("a1 b1");
    assertThat(found("{\"available\": false}")).isEqualTo("a2 100% b2");
    assertThat(found("{\"text\": \"A2 100%\"}")).isEqualTo("a2 100%");
    assertThat(found("{\"text\": \"_\"}")).isEmpty();
    assertThat(found("{\"action\": \"x\"}")).isEmpty();
    assertThat(database.number("select howdah.count_jobs('app', '{\"queue\": \"a\"}')")).isEqualTo(2);
  }

  @Test
  void eachStateIsFoundByItsName() {
    for (String queue : new String[]{"dead", "blocked", "retrying", "done", "running"}) {
      jobs.session().execute("select howdah.create_job('app', ?, 'do', to_json(?::text), max_attempts => ?)", queue,
          queue, queue.equals("dead") ? 1 : 5);
    }
    jobs.create("retrying", "waiting");
    jobs.createAt("z", "scheduled", "1 hour");
    var claim = jobs.claim(5);
    jobs.session().execute("""
        select howdah.settle(?, ?::text::bigint[], array['retry', 'retry', 'retry', 'archive'], rest => 'open')""",
        claim.token(), claim.positions().subList(0, 4).toString().replace('[', '{').replace(']', '}'));
    jobs.session().execute("select howdah.park_blocked('app', 'blocked')");
    jobs.create("y", "available");
    for (String state : new String[]{"dead", "blocked", "retrying", "done", "running", "waiting", "scheduled",
        "available"}) {
      assertThat(found("{\"state\": \"" + state + "\"}")).isEqualTo(state);
    }
  }

  @Test
  void aListComesInPagesAndTellsTheTotal() {
    for (int i = 0; i < 5; i++) {
      jobs.create("q" + i, "j" + i);
    }
    assertThat(
        jobs.session().execute("select params #>> '{}', total from howdah.jobs('app', quantity => 2, start => 3)")
            .values().toString())
        .isEqualTo("[[j3, 5], [j4, 5]]");
  }

  @Test
  void aFilterThatCannotBeIsRefused() {
    jobs.create("a", "a1");
    for (String filter : new String[]{"[]", "{\"quue\": \"a\"}", "{\"state\": \"asleep\"}", "{\"available\": \"yes\"}",
        "{\"id\": \"1\"}"}) {
      Refusal.expect("22023", jobs.session(), "select howdah.jobs('app', '" + filter + "')");
    }
    Refusal.expect("22023", jobs.session(), "select howdah.jobs('app', quantity => 0)");
  }

  @Test
  void aCancelledJobNeverRunsWhereverItWaited() {
    String scheduled = jobs.createAt("a", "scheduled", "1 hour");
    jobs.create("a", "a1");
    String waiting = jobs.create("a", "a2");
    var running = jobs.claim(1);
    String unread = jobs.create("b", "b1");
    assertThat(jobs.call("cancel", scheduled)).isTrue();
    assertThat(jobs.call("cancel", waiting)).isTrue();
    assertThat(jobs.call("cancel", unread)).isTrue();
    assertThat(jobs.call("cancel", unread)).as("twice").isFalse();
    running.done(jobs.session());
    clock.advance(Duration.ofHours(2));
    assertThat(jobs.runAll()).isEmpty();
    assertThat(jobs.create("a", "a3")).isNotEmpty();
    assertThat(jobs.runAll()).isEqualTo("a3");
  }

  @Test
  void aCancelIsUndoneByARollback() {
    String id = jobs.create("a", "a1");
    jobs.session().execute("begin");
    assertThat(jobs.call("cancel", id)).isTrue();
    jobs.session().rollback();
    assertThat(jobs.runAll()).isEqualTo("a1");
  }

  @Test
  void aJobThatRunsOrIsOverIsNotCancelled() {
    String id = jobs.create("a", "a1");
    var running = jobs.claim(1);
    assertThat(jobs.call("cancel", id)).isFalse();
    assertThat(running.done(jobs.session())).isEqualTo("settled");
    assertThat(jobs.call("cancel", id)).isFalse();
  }

  @Test
  void aFailedJobThatIsCancelledLetsItsQueueGoOn() {
    String id = jobs.create("a", "a1");
    jobs.create("a", "a2");
    jobs.fail(jobs.claim(1));
    assertThat(jobs.call("cancel", id)).isTrue();
    assertThat(jobs.runAll()).isEqualTo("a2");
  }

  @Test
  void aRetryComesAtOnceForFailedScheduledAndDeadJobs() {
    String failed = jobs.create("a", "failed");
    jobs.fail(jobs.claim(1));
    String scheduled = jobs.createAt("b", "scheduled", "1 hour");
    String dead = jobs.session()
        .execute("select howdah.create_job('app', 'c', 'do', to_json('dead'::text), max_attempts => 1)::text").text();
    jobs.fail(jobs.claim(1));
    assertThat(jobs.states()).containsExactly("failed retrying", "scheduled scheduled", "dead dead");
    assertThat(jobs.runAll()).isEmpty();
    for (String id : new String[]{failed, scheduled, dead}) {
      assertThat(jobs.call("retry", id)).isTrue();
    }
    database.query("select howdah.promote()");
    assertThat(jobs.runAll().split(" ")).containsExactlyInAnyOrder("failed", "scheduled", "dead");
    assertThat(jobs.call("retry", failed)).isFalse();
  }

  @Test
  void aSkippedJobIsDeadAndItsQueueGoesOn() {
    String id = jobs.create("a", "a1");
    String next = jobs.create("a", "a2");
    assertThat(jobs.call("skip", id)).as("it does not hold up anybody").isFalse();
    jobs.fail(jobs.claim(1));
    assertThat(jobs.call("skip", next)).isFalse();
    assertThat(jobs.call("skip", id)).isTrue();
    assertThat(jobs.first("state, attempts, error")).containsExactly("dead", 1, "skipped: boom");
    assertThat(jobs.runAll()).isEqualTo("a2");
  }

  @Test
  void doneJobsAreKeptForAWeekUnlessTheScopeSaysSomethingElse() {
    jobs.create("a", "a1");
    jobs.runAll();
    clock.advance(Duration.ofDays(6));
    database.query("select howdah.expire_archive()");
    assertThat(jobs.states()).containsExactly("a1 done");
    clock.advance(Duration.ofDays(2));
    database.query("select howdah.expire_archive()");
    assertThat(jobs.states()).isEmpty();
  }

  @Test
  void aNumberThatNoJobCanHaveHidesNothing() {
    String odd = jobs.create("a", "a1");
    for (String number : new String[]{"99999999999999999", "9999999999", "0", "-1", "x", "9999999999999999999999"}) {
      database.query(
          """
              select howdah.publish('app', '"odd"', key => 'odd', headers => json_build_object('howdah.max-backoff', ?::text,
                'howdah.timeout', ?::text, 'howdah.max-attempts', ?::text, 'howdah.at', ?::text))""",
          number, number, number, number);
    }
    assertThat(jobs.jobs("queue || max_attempts").texts()).hasSize(7).contains("a20", "odd20");
    assertThat(database.number("select howdah.count_jobs('app')")).isEqualTo(7);
    assertThat(jobs.call("cancel", odd)).isTrue();
    for (int i = 0; i < 6; i++) {
      jobs.fail(jobs.claim(1));
      clock.advance(Duration.ofSeconds(10));
      assertThat(jobs.runOne()).isEqualTo("odd");
    }
  }

  @Test
  void aScopeCannotBeMadeToLetJobsPassOneThatFailed() {
    jobs.create("a", "a1");
    for (String wrong : new String[]{"{\"blocking\": false}", "{\"ordering\": \"key\"}"}) {
      Refusal.expect("22023", jobs.session(), "select howdah.alter_queue('app', ?::json)", wrong);
      Refusal.expect("22023", jobs.session(), "select howdah.alter_subscription('app', ?::json)", wrong);
      Refusal.expect("22023", jobs.session(), "select howdah.create_job_scope('app', ?::json)", wrong);
    }
  }
}
