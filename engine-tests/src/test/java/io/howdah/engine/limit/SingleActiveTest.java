package io.howdah.engine.limit;

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

/** One consumer at a time holds deliveries of a queue; another takes over when it is gone. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SingleActiveTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final String CLAIM = """
      select token, position, payload::text, attempt from howdah.claim('q', ?, '30 s', ?)""";

  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  SingleActiveTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q', '{\"single_active\": true}')");
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 20) n))");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    database.heal();
  }

  private static Claim claim(Session session, int quantity) {
    return Claim.of(session.execute(CLAIM, quantity, session.name()));
  }

  private long owners() {
    return a.execute("""
        select count(distinct o.owner)
        from howdah.subscription s
          cross join lateral howdah.open_slices(howdah.newest_slice(s.id)) o
        where s.name = 'q' and o.token <> 0""").number();
  }

  @Test
  void whileOneHoldsDeliveriesOthersGetNoneAndItGetsMore() {
    Claim first = claim(a, 3);
    assertThat(claim(b, 3).isEmpty()).isTrue();
    assertThat(claim(a, 3).positions()).containsExactly(4L, 5L, 6L);
    first.done(a);
    assertThat(claim(b, 3).isEmpty()).isTrue();
  }

  @Test
  void whenItHasSettledEverythingAnotherMayBeTheNext() {
    claim(a, 3).done(a);
    assertThat(claim(b, 3).positions()).containsExactly(4L, 5L, 6L);
    assertThat(claim(a, 3).isEmpty()).isTrue();
  }

  @Test
  void whenItHandsBackWhatItHasAnotherTakesOver() {
    Claim claim = claim(a, 3);
    a.execute("select howdah.release(?)", claim.token());
    clock.advance(Duration.ofSeconds(2));
    Claim next = claim(b, 3);
    assertThat(next.positions()).containsExactly(1L, 2L, 3L);
    assertThat(next.attempts()).containsOnly(1);
  }

  @Test
  void whenItsLeasesLapseAnotherTakesAllOfThemOver() {
    Claim one = claim(a, 2);
    Claim two = claim(a, 2);
    clock.advance(MINUTE);
    Claim taken = claim(b, 2);
    assertThat(taken.positions()).containsExactly(1L, 2L);
    assertThat(taken.attempts()).containsOnly(2);
    assertThat(owners()).isEqualTo(1);
    assertThat(two.done(a)).as("also of what is not handed out again yet").isEqualTo("lapsed");
    assertThat(a.execute("select howdah.renew(?)", one.token()).text()).isEqualTo("false");
    assertThat(claim(a, 2).isEmpty()).isTrue();
    Claim rest = claim(b, 9);
    assertThat(rest.positions()).containsExactly(3L, 4L);
    assertThat(rest.attempts()).containsOnly(2);
  }

  @Test
  void oneLeaseThatItKeepsAliveKeepsItActive() {
    claim(a, 2);
    Claim alive = claim(a, 2);
    clock.advance(Duration.ofSeconds(20));
    a.execute("select howdah.renew(?)", alive.token());
    clock.advance(Duration.ofSeconds(20));
    assertThat(claim(b, 2).isEmpty()).isTrue();
    assertThat(claim(a, 2).positions()).as("its own that has lapsed").containsExactly(1L, 2L);
  }

  @Test
  void aSettlementUnderWayIsNotTakenOver() {
    Claim one = claim(a, 2);
    clock.advance(MINUTE);
    a.begin();
    one.done(a);
    assertThat(claim(b, 2).isEmpty()).isTrue();
    a.commit();
    assertThat(claim(b, 2).positions()).containsExactly(3L, 4L);
  }

  @Test
  void twoThatRaceForAnIdleQueueDoNotBothGetIt() {
    a.begin();
    assertThat(claim(a, 2).positions()).hasSize(2);
    b.run(CLAIM, 2, "b").awaitBlocked();
    a.commit();
    assertThat(b.await().size()).isZero();
    assertThat(owners()).isEqualTo(1);
  }

  /** Teeth. */
  @Test
  void withoutTheCheckUnderTheLockBothGetIt() {
    database.sabotage("take", "v_sub.single_active and", "false and");
    a.begin();
    claim(a, 2);
    b.run(CLAIM, 2, "b").awaitBlocked();
    a.commit();
    b.await();
    assertThat(owners()).as("the sabotage was found").isEqualTo(2);
  }

  @Test
  void aClaimWithoutAnOwnerIsRefused() {
    Refusal.expect("22023", a, "select * from howdah.claim('q')");
  }

  @Test
  void itCanBeSwitchedOnAndOffWhileConsumersRun() {
    a.execute("select howdah.alter_queue('q', '{\"single_active\": false}')");
    Claim one = claim(a, 2);
    Claim two = claim(b, 2);
    a.execute("select howdah.alter_queue('q', '{\"single_active\": true}')");
    assertThat(claim(a, 2).isEmpty()).as("while two hold deliveries nobody gets more").isTrue();
    assertThat(claim(b, 2).isEmpty()).isTrue();
    one.done(a);
    assertThat(claim(b, 2).positions()).containsExactly(5L, 6L);
    two.done(b);
    a.execute("select howdah.alter_queue('q', '{\"single_active\": false}')");
    assertThat(claim(a, 2).positions()).containsExactly(7L, 8L);
  }

  @Test
  void aMessageThatKillsItsConsumersStillEndsAlone() {
    a.execute("select howdah.alter_queue('q', '{\"max_attempts\": 5, \"backoff\": \"none\"}')");
    for (int round = 0; round < 60; round++) {
      Session session = round % 2 == 0 ? a : b;
      Claim claim = claim(session, 20);
      if (!claim.isEmpty() && !claim.payloads().contains("7")) {
        claim.done(session);
      } else {
        clock.advance(MINUTE);
      }
    }
    assertThat(a.execute("select payload::text from howdah.dead_letters('q')").texts()).contains("7")
        .hasSizeLessThan(4);
    assertThat(a.execute("select ready + in_flight from howdah.stats('q')").number()).isZero();
  }
}
