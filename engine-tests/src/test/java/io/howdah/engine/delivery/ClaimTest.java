package io.howdah.engine.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClaimTest {
  private final Session a;
  private final Session b;

  ClaimTest(TestDatabase database) {
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  private void publish(int count) {
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, ?) n))", count);
  }

  @Test
  void oneClaimIsOneTokenInTheOrderOfPosition() {
    publish(30);
    Claim first = Claim.of(a, "q", 20);
    Claim second = Claim.of(a, "q", 20);

    assertThat(first.positions()).isEqualTo(LongStream.rangeClosed(1, 20).boxed().toList());
    assertThat(second.payloads()).isEqualTo(IntStream.rangeClosed(21, 30).mapToObj(String::valueOf).toList());
    assertThat(first.token()).isNotEqualTo(second.token());
    assertThat(Claim.of(a, "q", 20).isEmpty()).isTrue();
  }

  @Test
  void eachSubscriptionGetsEverything() {
    a.execute("select howdah.create_subscription('audit', 'q', 'beginning')");
    publish(3);
    assertThat(Claim.drain(a, "q")).containsExactly("1", "2", "3");
    assertThat(Claim.drain(a, "audit")).containsExactly("1", "2", "3");
    a.execute("select howdah.drop_subscription('audit')");
  }

  @Test
  void aClaimThatIsRolledBackNeverWas() {
    publish(3);
    a.begin();
    Claim undone = Claim.of(a, "q", 2);
    a.rollback();

    assertThat(undone.positions()).containsExactly(1L, 2L);
    Claim again = Claim.of(b, "q", 2);
    assertThat(again.positions()).containsExactly(1L, 2L);
    assertThat(again.attempts()).containsExactly(1, 1);
    assertThat(undone.done(a)).isEqualTo("lapsed");
  }

  @Test
  void whoClaimsWhileAnotherDoesWaitsForItAndGetsTheNext() {
    publish(4);
    a.begin();
    assertThat(Claim.of(a, "q", 2).positions()).containsExactly(1L, 2L);
    Claim.start(b, "q", 2).awaitBlocked();
    a.commit();
    assertThat(Claim.of(b.await()).positions()).containsExactly(3L, 4L);
  }

  @Test
  void whoKeepsAClaimOpenForLongIsNotWaitedForForEver() {
    publish(4);
    a.begin();
    Claim.of(a, "q", 2);
    assertThat(Claim.of(b, "q", 2).isEmpty()).isTrue();
    a.commit();
    assertThat(Claim.of(b, "q", 2).positions()).containsExactly(3L, 4L);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 10_001, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void aQuantityOutOfRangeIsRefused(int quantity) {
    Refusal.expect("22023", a, "select howdah.claim('q', ?)", quantity);
    Refusal.expect("22023", a, "select howdah.peek('q', ?)", quantity);
    Refusal.expect("22023", a, "select howdah.settle_and_claim('0.1.1.1', 'q', ?)", quantity);
  }

  @Test
  void theLargestClaimIsTenThousand() {
    publish(12_000);
    assertThat(Claim.of(a, "q", 10_000).positions()).hasSize(10_000);
    assertThat(Claim.of(a, "q", 10_000).positions()).hasSize(2_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1 s", "9 ms", "1 day 1 ms", "100 years"})
  void aLeaseOutOfRangeIsRefused(String lease) {
    Refusal.expect("22023", a, "select howdah.claim('q', 1, ?::interval)", lease);
    Refusal.expect("22023", a, "select howdah.renew('0.1.1.1', ?::interval)", lease);
  }

  @Test
  void missingArgumentsAreRefused() {
    Refusal.expect("HD404", a, "select howdah.claim(null)");
    Refusal.expect("22023", a, "select howdah.claim('q', null)");
    Refusal.expect("22023", a, "select howdah.claim('q', 1, null)");
    Refusal.expect("22023", a, "select howdah.claim('q', 1, '1 s', repeat('x', 256))");
    Refusal.expect("22023", a, "select howdah.renew(null)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim('x')", "peek('x')", "next_due('x')", "next_lapse('x')", "stats('x')", "peek(null)",
      "settle_and_claim('0.1.1.1', 'x')", "mark_sleeping('x', gen_random_uuid(), '1 s')", "claim('~q')", "claim('')"})
  void anUnknownSubscriptionIsRefused(String call) {
    Refusal.expect("HD404", a, "select howdah." + call);
  }

  @Test
  void anotherIsolationIsRefused() {
    for (String isolation : List.of("repeatable read", "serializable")) {
      a.execute("set default_transaction_isolation = '" + isolation + "'");
      Refusal.expect("0A000", a, "select howdah.claim('q')");
      Refusal.expect("0A000", a, "select howdah.settle_and_claim('0.1.1.1', 'q')");
      Refusal.expect("0A000", a, "select howdah.promote()");
      Refusal.expect("0A000", a, "select howdah.housekeep()");
    }
    a.execute("set default_transaction_isolation = 'read committed'");
  }

  @Test
  void peekShowsWhatIsReadyAndTakesNothing() {
    publish(3);
    for (int i = 0; i < 2; i++) {
      assertThat(a.execute("select token, position, payload::text, attempt from howdah.peek('q', 2)").values())
          .containsExactly(java.util.Arrays.asList(null, null, "1", 1), java.util.Arrays.asList(null, null, "2", 1));
    }
    Claim claim = Claim.of(a, "q", 2);
    assertThat(a.execute("select payload::text from howdah.peek('q')").texts()).containsExactly("3");
    a.execute("select howdah.release(?)", claim.token());
    assertThat(a.execute("select payload::text from howdah.peek('q')").texts()).containsExactly("1", "2", "3");
  }

  @Test
  void statsCountEachMessageOnce() {
    String stats = "select ready, in_flight, scheduled, dead, published, oldest_ready is null from howdah.stats('q')";
    assertThat(a.execute(stats).values().getFirst()).containsExactly(0L, 0L, 0L, 0L, 0L, true);
    publish(10);
    a.execute("select howdah.publish('q', '11', delay => '1 h')");
    assertThat(a.execute(stats).values().getFirst()).containsExactly(10L, 0L, 1L, 0L, 10L, false);
    Claim claim = Claim.of(a, "q", 4);
    assertThat(a.execute(stats).values().getFirst()).containsExactly(6L, 4L, 1L, 0L, 10L, false);
    a.execute("""
        select howdah.settle(?, array[1, 2, 3], array['done', 'retry', 'reject'], array[null, '1 h', null]::interval[],
          rest => 'release')""", claim.token());
    assertThat(a.execute(stats).values().getFirst()).containsExactly(7L, 0L, 2L, 1L, 10L, false);
    assertThat(a.execute("select stream || kind from howdah.stats('q')").text()).isEqualTo("qqueue");
  }

  @Test
  void aLookAtTheStatsHoldsNobodyUp() {
    publish(1);
    b.begin().execute("select * from howdah.stats()");
    assertThat(Claim.of(a, "q", 1).payloads()).containsExactly("1");
    b.rollback();
  }
}
