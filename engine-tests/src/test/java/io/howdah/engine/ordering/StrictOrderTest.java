package io.howdah.engine.ordering;

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

/** A strict queue hands out one claim at a time, in order; a message that fails holds up all others. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StrictOrderTest {
  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  StrictOrderTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("""
        select howdah.drop_queue('q', true);
        select howdah.create_queue('q',
          '{"ordering": "strict", "backoff": "fixed", "delay": "10 s", "max_attempts": 2, "after_last": "block"}');
        select howdah.publish_many('q', array['1', '2', '3', '4'], keys => array['a', 'b', null, 'a'])""");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    clock.reset();
  }

  private void fail(Claim claim) {
    a.execute("select howdah.settle(?, array[?], array['retry'], reasons => array['x'])", claim.token(),
        claim.positions().getFirst());
  }

  @Test
  void oneClaimIsOutAtATime() {
    Claim first = Claim.of(a, "q", 2);
    assertThat(first.payloads()).containsExactly("1", "2");
    assertThat(Claim.of(b, "q", 2).isEmpty()).isTrue();
    first.done(a);
    assertThat(Claim.of(b, "q", 10).payloads()).containsExactly("3", "4");
  }

  @Test
  void aFailingMessageHoldsUpTheQueueAndComesFirst() {
    fail(Claim.of(a, "q", 2));
    assertThat(Claim.of(b, "q", 10).isEmpty()).isTrue();
    clock.advance(Duration.ofSeconds(11));
    Claim again = Claim.of(b, "q", 10);
    assertThat(again.payloads()).containsExactly("1");
    again.done(b);
    assertThat(Claim.drain(b, "q")).containsExactly("2", "3", "4");
  }

  @Test
  void afterTheLastAttemptItBlocksUntilSomebodyDecides() {
    fail(Claim.of(a, "q", 1));
    clock.advance(Duration.ofSeconds(11));
    fail(Claim.of(a, "q", 1));
    clock.advance(Duration.ofDays(100));
    assertThat(Claim.of(b, "q", 10).isEmpty()).isTrue();
    assertThat(database.text("select due::text from howdah.blocked_keys('q')")).isEqualTo("infinity");

    a.execute("select howdah.retry_blocked('q')");
    Claim again = Claim.of(b, "q", 10);
    assertThat(again.payloads()).containsExactly("1");
    assertThat(again.attempts()).containsExactly(3);
    fail(again);
    a.execute("select howdah.reject_blocked('q', reason => 'by hand')");
    assertThat(database.text("select payload::text || reason from howdah.dead_letters('q')")).isEqualTo("1by hand");
    assertThat(Claim.drain(b, "q")).containsExactly("2", "3", "4");
  }

  @Test
  void anOperatorSkipsOrParksIt() {
    fail(Claim.of(a, "q", 1));
    a.execute("select howdah.park_blocked('q')");
    clock.advance(Duration.ofDays(1));
    assertThat(Claim.of(b, "q", 10).isEmpty()).isTrue();
    a.execute("select howdah.skip_blocked('q')");
    assertThat(Claim.drain(b, "q")).containsExactly("2", "3", "4");
    assertThat(database.number("select discarded from howdah.stats('q')")).isEqualTo(1);
  }

  @Test
  void aVerbForWhatIsNotBlockedOrIsBeingTriedIsRefused() {
    Refusal.expect("HD409", a, "select howdah.skip_blocked('q')");
    fail(Claim.of(a, "q", 1));
    clock.advance(Duration.ofSeconds(11));
    Claim.of(b, "q", 1);
    Refusal.expect("HD409", a, "select howdah.retry_blocked('q')");
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    Refusal.expect("22023", a, "select howdah.create_queue('x', '{\"ordering\": \"fifo\"}')");
    Refusal.expect("22023", a, "select howdah.create_queue('x', '{\"blocking\": true}')");
    Refusal.expect("22023", a, "select howdah.create_queue('x', '{\"after_last\": \"block\"}')");
    Refusal.expect("22023", a, "select howdah.alter_queue('q', '{\"ordering\": \"key\"}')");
    Refusal.expect("22023", a, "select howdah.alter_queue('q', '{\"max_attempts\": \"infinite\"}')");
  }

  @Test
  void strictOrderAndSeveralAtATimeContradictEachOther() {
    Refusal.expect("22023", a, "select howdah.create_queue('x', '{\"ordering\": \"strict\", \"concurrency\": 32}')");
    Refusal.expect("22023", a, "select howdah.create_queue('x', '{\"concurrency\": 2, \"ordering\": \"strict\"}')");
    Refusal.expect("22023", a, "select howdah.alter_queue('q', '{\"concurrency\": 32}')");
    a.execute("select howdah.alter_queue('q', '{\"concurrency\": 1}')");
    a.execute("select howdah.alter_queue('q', '{\"concurrency\": \"infinite\"}')");
  }
}
