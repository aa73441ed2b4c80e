package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** At most so many messages of one key are in flight, whoever claims, and no key waits for another. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyConcurrencyTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  KeyConcurrencyTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q', '{\"key_concurrency\": 2}')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    database.heal();
  }

  /** Publishes messages, one for each letter, which is its key; a dot is a message without a key. */
  private void publish(String keys) {
    for (char key : keys.toCharArray()) {
      a.execute("select howdah.publish('q', to_json(?::text), key => ?)", String.valueOf(key),
          key == '.' ? null : String.valueOf(key));
    }
  }

  private static String keys(Claim claim) {
    return String.join("", claim.payloads()).replace("\"", "");
  }

  private String claimed(Session session) {
    return keys(Claim.of(session, "q", 100));
  }

  private long parked() {
    return a.execute("select count(*) from howdah.parked").number();
  }

  @Test
  void aClaimPassesOverAKeyThatHasNoRoomToOthers() {
    publish("xxxxxyxz");
    assertThat(claimed(a)).isEqualTo("xxyz");
    publish("xyy");
    assertThat(claimed(b)).as("one more of y").isEqualTo("y");
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
  }

  @Test
  void severalClaimsShareTheRoomOfAKey() {
    publish("xxxxy");
    assertThat(keys(Claim.of(a, "q", 1))).isEqualTo("x");
    assertThat(keys(Claim.of(b, "q", 1))).isEqualTo("x");
    assertThat(claimed(a)).isEqualTo("y");
  }

  @Test
  void eachMessageThatIsSettledGivesItsRoomBack() {
    publish("xxxxxx");
    Claim claim = Claim.of(a, "q", 100);
    a.execute("select howdah.settle(?, array[1], array['done'], rest => 'open')", claim.token());
    Claim next = Claim.of(b, "q", 100);
    assertThat(next.positions()).containsExactly(3L);
    a.execute("select howdah.settle(?, array[2], array['reject'], rest => 'open')", claim.token());
    assertThat(Claim.of(b, "q", 100).positions()).containsExactly(4L);
    next.done(b);
    assertThat(Claim.of(b, "q", 100).positions()).containsExactly(5L);
  }

  @Test
  void waitingBurnsNoAttemptAndWritesNothing() {
    publish("xxxx");
    Claim first = Claim.of(a, "q", 100);
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
    b.begin();
    for (int i = 0; i < 20; i++) {
      assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
    }
    assertThat(b.execute("select pg_current_xact_id_if_assigned()").text()).isEqualTo("null");
    b.commit();
    first.done(a);
    assertThat(Claim.of(b, "q", 100).attempts()).containsExactly(1, 1);
  }

  @Test
  void messagesWithoutAKeyAreNotLimited() {
    publish(".x....x.x..");
    assertThat(claimed(a)).isEqualTo(".x....x...");
    assertThat(parked()).isEqualTo(1);
  }

  @Test
  void whatIsHandedBackComesBeforeOthersOfItsKeyAndWithinTheLimit() {
    publish("xxxyyy");
    Claim claim = Claim.of(a, "q", 100);
    assertThat(claim.positions()).containsExactly(1L, 2L, 4L, 5L);
    a.execute("select howdah.release(?)", claim.token());
    assertThat(Claim.of(b, "q", 3).positions()).hasSize(3).isSubsetOf(1L, 2L, 4L, 5L);
    assertThat(Claim.of(b, "q", 100).positions()).hasSize(1).isSubsetOf(1L, 2L, 4L, 5L);
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
  }

  @Test
  void whatLapsesIsTriedAgainWithinTheLimitAndCountsAnAttempt() {
    publish("xxxxy");
    Claim lost = Claim.of(a, "q", 100);
    clock.advance(MINUTE);
    Claim again = Claim.of(b, "q", 100);
    assertThat(again.positions()).isEqualTo(lost.positions());
    assertThat(again.attempts()).containsExactly(2, 2, 2);
    assertThat(lost.done(a)).isEqualTo("lapsed");
    assertThat(Claim.of(a, "q", 100).isEmpty()).isTrue();
  }

  @Test
  void aMessageThatKillsItsConsumersIsADeadLetterAndTheOthersAreDone() {
    a.execute("select howdah.alter_queue('q', '{\"max_attempts\": 4, \"backoff\": \"none\"}')");
    publish("xyx.zy");
    List<String> done = new ArrayList<>();
    for (int i = 0; i < 60 && a.execute("select dead from howdah.stats('q')").number() == 0; i++) {
      Claim claim = Claim.of(a, "q", 100);
      if (claim.payloads().contains("\"z\"")) {
        clock.advance(MINUTE);
      } else if (!claim.isEmpty()) {
        done.addAll(claim.payloads());
        claim.done(a);
      } else {
        clock.advance(Duration.ofSeconds(10));
      }
    }
    done.addAll(Claim.drain(a, "q"));
    assertThat(a.execute("select dead from howdah.stats('q')").number()).isEqualTo(1);
    assertThat(done).hasSize(5).doesNotContain("\"z\"");
  }

  @Test
  void retriesCountTowardsTheirKey() {
    publish("xxxx");
    Claim claim = Claim.of(a, "q", 100);
    a.execute("select howdah.settle(?, array[1, 2], array['retry', 'retry'], array['0', '0']::interval[])",
        claim.token());
    for (int i = 0; i < 5; i++) {
      Claim.of(b, "q", 1);
      assertThat(a.execute("select in_flight from howdah.stats('q')").number()).isLessThanOrEqualTo(2);
    }
    assertThat(a.execute("select in_flight from howdah.stats('q')").number()).isEqualTo(2);
    assertThat(a.execute("select ready from howdah.stats('q')").number()).isEqualTo(2);
  }

  @Test
  void aMessageThatIsReleasedAloneComesAgainWithinTheLimit() {
    publish("xxx");
    Claim claim = Claim.of(a, "q", 100);
    a.execute("select howdah.settle(?, array[1], array['release'], rest => 'open')", claim.token());
    Claim next = Claim.of(b, "q", 100);
    assertThat(next.positions()).hasSize(1);
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
    next.done(b);
    Claim last = Claim.of(b, "q", 100);
    assertThat(last.attempts()).containsExactly(1);
  }

  @Test
  void anotherLimitHoldsForTheNextClaim() {
    publish("xxxxxxxx");
    Claim.of(a, "q", 100);
    a.execute("select howdah.alter_queue('q', '{\"key_concurrency\": 3}')");
    assertThat(claimed(a)).isEqualTo("x");
    a.execute("select howdah.alter_queue('q', '{\"key_concurrency\": 1}')");
    assertThat(claimed(a)).isEmpty();
    a.execute("select howdah.alter_queue('q', '{\"key_concurrency\": \"infinite\"}')");
    assertThat(claimed(a)).as("also what was parked").isEqualTo("xxxxx");
  }

  @Test
  void aQueueThatIsLimitedNoMoreIsReadAsIfItNeverHadBeen() {
    publish("xxxx");
    Claim first = Claim.of(a, "q", 100);
    a.execute("select howdah.alter_queue('q', '{\"key_concurrency\": \"infinite\"}')");
    assertThat(a.execute("select keyed from howdah.subscription where name = 'q'").text()).isEqualTo("true");
    first.done(a);
    Claim.of(a, "q", 100).done(a);
    a.execute("select howdah.alter_queue('q', '{\"key_concurrency\": \"infinite\"}')");
    assertThat(a.execute("select keyed from howdah.subscription where name = 'q'").text()).isEqualTo("false");
    publish("xxxx");
    assertThat(claimed(a)).isEqualTo("xxxx");
  }

  @Test
  void whatIsInFlightWhenAQueueIsLimitedCounts() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
    publish("xxyxxy");
    Claim claim = Claim.of(a, "q", 3);
    a.execute("select howdah.alter_queue('q', '{\"key_concurrency\": 2}')");
    assertThat(claimed(b)).isEqualTo("y");
    a.execute("select howdah.settle(?, array[1], array['done'], rest => 'open')", claim.token());
    assertThat(claimed(b)).isEqualTo("x");
    clock.advance(MINUTE);
    assertThat(claimed(b)).as("what lapses").hasSize(4);
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
  }

  @Test
  void bothConcurrenciesHoldTogether() {
    a.execute("select howdah.alter_queue('q', '{\"concurrency\": 3}')");
    publish("xxxyyyz");
    assertThat(claimed(a)).isEqualTo("xxy");
    assertThat(Claim.of(b, "q", 100).isEmpty()).isTrue();
  }

  @Test
  void aClaimThatRunsWhileAnotherIsNotCommittedCountsIt() {
    publish("xxxxy");
    a.begin();
    assertThat(keys(Claim.of(a, "q", 1))).isEqualTo("x");
    Claim.start(b, "q", 100).awaitBlocked();
    a.commit();
    assertThat(keys(Claim.of(b.await()))).isEqualTo("xy");
  }

  @Test
  void aClaimThatIsRolledBackGivesEverythingBack() {
    publish("xxxxy");
    a.begin();
    Claim.of(a, "q", 100);
    a.rollback();
    assertThat(claimed(b)).isEqualTo("xxy");
  }

  @Test
  void parkedMessagesOfAHotKeyDoNotKeepOthersFromBeingHandedOut() {
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 5000) n),"
        + " keys => array(select 'hot' from generate_series(1, 5000)))");
    publish("abc");
    assertThat(Claim.of(a, "q", 10).positions()).containsExactly(1L, 2L);
    List<String> others = new ArrayList<>();
    for (int i = 0; i < 5 && others.size() < 3; i++) {
      others.addAll(Claim.of(a, "q", 10).payloads());
    }
    assertThat(others).containsExactly("\"a\"", "\"b\"", "\"c\"");
  }

  @Test
  void purgeAndDropTakeWhatIsParked() {
    publish("xxxxyyyy");
    Claim claim = Claim.of(a, "q", 100);
    Claim.of(a, "q", 100);
    assertThat(a.execute("select howdah.purge('q', key => 'x')").number()).isEqualTo(2);
    claim.done(a);
    assertThat(claimed(a)).isEqualTo("yy");
    a.execute("select howdah.drop_queue('q', true)");
    assertThat(parked()).isZero();
  }

  @Test
  void seekingBackHandsEverythingOutAgainWithinTheLimit() {
    a.execute("select howdah.create_subscription('s', 'q', 'beginning', '{\"key_concurrency\": 1}')");
    publish("xxxy");
    Claim claim = Claim.of(a, "s", 100);
    assertThat(keys(claim)).isEqualTo("xy");
    a.execute("select howdah.seek('s', 'beginning')");
    assertThat(keys(Claim.of(a, "s", 100))).isEqualTo("xy");
    assertThat(Claim.of(a, "s", 100).isEmpty()).isTrue();
    assertThat(claim.done(a)).isEqualTo("lapsed");
    a.execute("select howdah.drop_subscription('s', true)");
  }

  /** Teeth. */
  @Test
  void withoutTheCountOfWhatIsInFlightAKeyExceedsItsLimit() {
    publish("xxxxx");
    database.sabotage("key_rooms", "coalesce(f.n, 0)", "0");
    Claim.of(a, "q", 1);
    assertThat(claimed(b)).as("the sabotage was found").hasSize(2);
  }
}
