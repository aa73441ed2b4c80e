package io.howdah.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QueueOperationsTest {
  private final TestDatabase database;
  private final Session a;
  private final Session b;

  QueueOperationsTest(TestDatabase database) {
    this.database = database;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
  }

  private void publish(String... payloads) {
    for (String payload : payloads) {
      a.execute("select howdah.publish('q', ?::json)", payload);
    }
  }

  private String state() {
    return a.execute(
        "select concat_ws(' ', state, (extract(epoch from at - howdah.now()) / 60)::int) " + "from howdah.state('q')")
        .text();
  }

  private long purge(String arguments) {
    return a.execute("select howdah.purge('q'" + arguments + ")").number();
  }

  private long ready() {
    return a.execute("select ready from howdah.stats('q')").number();
  }

  @Test
  void aPausedQueueHandsNothingOutUntilItIsResumed() {
    publish("1", "2");
    Claim held = Claim.of(a, "q", 1);
    assertThat(a.execute("select howdah.pause('q'), howdah.pause('q')").values().getFirst()).containsExactly(true,
        false);
    assertThat(Claim.of(b, "q", 9).isEmpty()).isTrue();
    assertThat(a.execute("select howdah.renew(?)", held.token()).text()).isEqualTo("true");
    assertThat(a.execute("select count(*) from howdah.settle_and_claim(?, 'q', 9)", held.token()).number()).isZero();
    assertThat(ready()).isEqualTo(1);
    assertThat(a.execute("select paused from howdah.describe('q')").text()).isEqualTo("true");
    assertThat(a.execute("select howdah.resume('q'), howdah.resume('q')").values().getFirst()).containsExactly(true,
        false);
    assertThat(Claim.drain(a, "q")).containsExactly("2");
  }

  @Test
  void nothingIsHandedOutAfterAPauseHasCommitted() {
    publish("1");
    a.begin().execute("select howdah.pause('q')");
    Claim.start(b, "q", 9).awaitBlocked();
    a.commit();
    assertThat(Claim.of(b.await()).isEmpty()).isTrue();
  }

  /** giddie's three answers, and the ones that it got wrong (GW3). */
  @Test
  void theStateIsEmptyReadyOrATime() {
    assertThat(state()).isEqualTo("empty");
    a.execute("select howdah.publish('q', '1', delay => '10 min')");
    assertThat(state()).isEqualTo("later 10");
    publish("2");
    assertThat(state()).as("one delayed, one ready").isEqualTo("ready");
    Claim claim = Claim.of(a, "q", 1);
    a.execute("select howdah.renew(?, '5 min')", claim.token());
    assertThat(state()).as("one delayed, one in flight whose lease ends first").isEqualTo("later 5");
    a.execute("select howdah.renew(?, '20 min')", claim.token());
    assertThat(state()).as("one delayed that is due first").isEqualTo("later 10");
    b.begin();
    claim.done(b);
    assertThat(state()).as("the settle has not committed").isEqualTo("later 10");
    b.commit();
    assertThat(state()).isEqualTo("later 10");
    database.clock().advance(Duration.ofMinutes(11));
    assertThat(state()).isEqualTo("ready");
    Claim.of(a, "q", 1);
    Claim last = Claim.of(a, "q", 1);
    database.clock().advance(Duration.ofMinutes(1));
    assertThat(state()).as("its lease has ended").isEqualTo("ready");
    last.done(a);
    assertThat(state()).isEqualTo("empty");
  }

  @Test
  void aPurgeRemovesWhatWaitsAndNothingElse() {
    publish("1", "2", "3", "4");
    Claim inFlight = Claim.of(a, "q", 1);
    Claim released = Claim.of(a, "q", 1);
    Claim retried = Claim.of(a, "q", 1);
    a.execute("select howdah.release(?)", released.token());
    a.execute("select howdah.settle(?, array[3], array['retry'], array['1 h'::interval])", retried.token());
    a.execute("select howdah.publish('q', '5', delay => '1 h')");
    assertThat(purge(", dry_run => true")).isEqualTo(4);
    assertThat(purge("")).isEqualTo(4);
    assertThat(purge("")).isZero();
    assertThat(a.execute("select ready || ' ' || in_flight || ' ' || scheduled from howdah.stats('q')").text())
        .isEqualTo("0 1 0");
    publish("6");
    assertThat(inFlight.done(a)).isEqualTo("settled");
    assertThat(Claim.drain(a, "q")).containsExactly("6");
  }

  @Test
  void aPurgeByTopicOrKeyLeavesTheRestInItsOrder() {
    for (int i = 1; i <= 12; i++) {
      a.execute("select howdah.publish('q', ?::json, topic => ?, key => ?)", "" + i, i % 2 == 0 ? "a.x" : "b",
          "k" + i % 3);
    }
    Claim free = Claim.of(a, "q", 3);
    a.execute("select howdah.release(?)", free.token());
    a.execute("select howdah.publish('q', '99', topic => 'a.y', delay => '1 h'), "
        + "howdah.publish('q', '98', topic => 'b', delay => '1 h')");
    assertThat(purge(", topic => 'a.*', key => 'k0', dry_run => true")).isEqualTo(2);
    assertThat(purge(", topic => 'a.*', key => 'k0'")).as("6 and 12").isEqualTo(2);
    assertThat(ready()).isEqualTo(10);
    assertThat(purge(", topic => 'a.#'")).as("2, 4, 8, 10 and one that is scheduled").isEqualTo(5);
    assertThat(purge(", topic => 'a.#'")).isZero();
    assertThat(ready()).isEqualTo(6);
    a.execute("select howdah.publish('q', '13', topic => 'a.x')");
    assertThat(a.execute("select payload::text from howdah.peek('q')").texts()).containsExactly("1", "3", "5", "7", "9",
        "11", "13");
    assertThat(Claim.drain(a, "q")).containsExactlyInAnyOrder("1", "3", "5", "7", "9", "11", "13");
  }

  @Test
  void aSubscriptionIsPurgedForItselfOnlyAndByItsBindings() {
    a.execute("select howdah.create_subscription('r', 'q', 'beginning'), howdah.bind('r', 'x')");
    a.execute("select howdah.publish('q', '1', topic => 'x'), howdah.publish('q', '2', topic => 'y'), "
        + "howdah.publish('q', '3', topic => 'x', delay => '1 h'), howdah.publish('r', '4')");
    assertThat(a.execute("select howdah.purge('r')").number()).isEqualTo(2);
    assertThat(Claim.drain(a, "r")).isEmpty();
    assertThat(Claim.drain(a, "q")).containsExactly("1", "2");
    database.clock().advance(Duration.ofHours(2));
    assertThat(Claim.drain(a, "r")).as("it is moved into the log by this look").isEmpty();
    assertThat(Claim.drain(a, "r")).as("delays of the stream belong to all its readers").containsExactly("3");
    a.execute("select howdah.drop_subscription('r', true)");
  }

  @Test
  void aPurgeHoldsUpNoPublisherAndWhatCommitsLaterStays() {
    publish("1");
    b.begin().execute("select howdah.publish('q', '2')");
    a.begin();
    assertThat(purge("")).isEqualTo(1);
    try (Session c = database.session("c")) {
      c.execute("select howdah.publish('q', '3')");
    }
    a.commit();
    b.commit();
    assertThat(Claim.drain(a, "q")).containsExactlyInAnyOrder("2", "3");
  }

  @Test
  void aPurgedQueueIsAPlainOneAgainWhenItsCursorIsPast() {
    a.execute("select howdah.publish('q', '1', topic => 'x'), howdah.publish('q', '2', topic => 'y')");
    assertThat(purge(", topic => 'x'")).isEqualTo(1);
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    a.execute("select count(*) from howdah.housekeep()");
    assertThat(a.execute("select filtered from howdah.subscription where name = 'q'").text()).isEqualTo("false");
    assertThat(a.execute("select count(*) from howdah.purged").number()).isZero();
    publish("3");
    assertThat(Claim.drain(a, "q")).containsExactly("3");
  }

  @Test
  void whoSleepsIsWoken() {
    assertThat(a.execute("select howdah.wake('q')").text()).isEqualTo("false");
    a.execute("select howdah.mark_sleeping('q', gen_random_uuid(), '1 min')");
    assertThat(a.execute("select howdah.wake('q')").text()).isEqualTo("true");
  }

  @Test
  void aWrongCallIsRefused() {
    for (String call : List.of("pause('x')", "resume('x')", "state('x')", "purge('x')", "wake('x')", "describe('x')")) {
      Refusal.expect("HD404", a, "select howdah." + call);
    }
    Refusal.expect("22023", a, "select howdah.purge('q', topic => 'a*')");
    a.begin().execute("set transaction isolation level repeatable read");
    Refusal.expect("0A000", a, "select howdah.purge('q')");
    a.rollback();
    a.begin().execute("set transaction isolation level repeatable read");
    Refusal.expect("0A000", a, "select howdah.pause('q')");
  }
}
