package io.howdah.engine.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.Rows;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What waits behind a key keeps no segment: it is carried out, and comes as it would have come. */
class CarryTest {
  private static final String MESSAGES = """
      select position, id::text, topic, key, headers::text, payload::text, published_at::text""";
  private final TestDatabase database = TestServer.shared().createDatabase();
  private final TestClock clock = database.clock();
  private final Session a = database.session("a");
  private final Ring ring = new Ring(a);

  @BeforeEach
  void queue() {
    a.execute(
        """
            select howdah.create_queue('q', '{"ordering": "key", "max_attempts": 2, "after_last": "block", "backoff": "none"}')""");
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void publish(int from, int to) {
    a.execute("""
        select cardinality(howdah.publish_many('q', array_agg(n::text), array_agg('t.' || n), array_agg('k'::text)))
        from generate_series(?::int, ?::int) n""", from, to);
  }

  private void fail(Claim claim) {
    a.execute("select howdah.settle(?, array[?], '{retry}', rest => 'release')", claim.token(),
        claim.positions().getFirst());
  }

  /** Publishes messages of a key, and fails the first of them so often that it is blocked. */
  private void block(int messages) {
    publish(1, messages);
    fail(Claim.of(a, "q", 1));
    fail(Claim.of(a, "q", 1));
    assertThat(Claim.of(a, "q", 1000).isEmpty()).isTrue();
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
  }

  private List<List<@Nullable Object>> claimAll() {
    List<List<@Nullable Object>> all = new ArrayList<>();
    String claim = MESSAGES + ", token from howdah.claim('q', 100)";
    for (Rows rows = a.execute(claim); rows.size() > 0; rows = a.execute(claim)) {
      rows.values().forEach(row -> all.add(row.subList(0, 7)));
      a.execute("select howdah.settle(?)", rows.values().getFirst().get(7));
    }
    return all;
  }

  @Test
  void aBlockedKeyDoesNotKeepTheRingFromTurningAndItsMessagesComeAsTheyWerePublished() {
    a.execute(
        """
            select howdah.publish('q', '{"b" : 1.50, "a":"\\u00e9",  "b": 1e400}', 'x.1', 'k', '{"h": "1",  "g": ""}'),
              howdah.publish('q', '"2"', key => 'k'),
              howdah.publish('q', (select to_json(string_agg(md5(random()::text), '')) from generate_series(1, 5000)), 'y', 'k')""");
    a.execute("select howdah.sequence('q')");
    List<List<@Nullable Object>> published = a.execute(MESSAGES + " from howdah.peek('q')").values();
    assertThat(published).hasSize(3);
    fail(Claim.of(a, "q", 1));
    fail(Claim.of(a, "q", 1));
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();

    ring.turn(10);
    assertThat(ring.logged()).isZero();
    assertThat(ring.carried()).isEqualTo(3);
    assertThat(
        a.execute("select key, position, topic, attempts, due::text, waiting from howdah.blocked_keys('q')").values())
        .containsExactly(List.of("k", 1L, "x.1", 2, "infinity", 3L));
    assertThat(a.execute("select blocked, oldest_ready is not null from howdah.stats('q')").values())
        .containsExactly(List.of(3L, true));
    a.execute("select howdah.retry_blocked('q', 'k')");
    assertThat(a.execute(MESSAGES + " from howdah.peek('q')").values()).isEqualTo(published);
    Claim claim = Claim.of(a, "q", 10);
    assertThat(claim.attempts()).containsExactly(3);
    a.execute("select howdah.release(?)", claim.token());
    assertThat(a.execute(MESSAGES + " from howdah.peek('q')").values()).isEqualTo(published);
    assertThat(claimAll()).isEqualTo(published);
    assertThat(ring.carried()).isZero();
  }

  @Test
  void theOrderGoesOnBehindWhatWasCarried() {
    block(3);
    ring.turn(3);
    publish(4, 5);
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    ring.turn(8);
    publish(6, 6);
    a.execute("select howdah.retry_blocked('q', 'k')");
    assertThat(Claim.drain(a, "q")).isEqualTo(numbers(1, 6));
    assertThat(ring.carried()).isZero();
  }

  @Test
  void whatWasCarriedAndIsInHandStaysCarriedUntilItIsSettled() {
    block(2);
    ring.turn(2);
    a.execute("select howdah.retry_blocked('q', 'k')");
    ring.advance();
    Claim claim = Claim.of(a, "q", 1);
    assertThat(ring.housekeep()).as("its slice lies in the next one").containsExactly("emptied segment 3");
    assertThat(claim.payloads()).containsExactly("1");
    assertThat(ring.carried()).isEqualTo(2);
    clock.advance(Duration.ofMinutes(1));
    assertThat(Claim.of(a, "q", 1).isEmpty()).as("the lapse counts as its third failure").isTrue();
    assertThat(a.execute("select payload::text from howdah.peek('q', 10)").texts()).isEmpty();
    assertThat(ring.carried()).isEqualTo(2);
    a.execute("select howdah.retry_blocked('q', 'k')");
    claim = Claim.of(a, "q", 1);
    assertThat(claim.payloads()).containsExactly("1");
    assertThat(claim.attempts()).containsExactly(4);
    a.execute("select howdah.release(?)", claim.token());
    assertThat(ring.carried()).isEqualTo(2);
    fail(Claim.of(a, "q", 1));
    assertThat(ring.carried()).isEqualTo(2);
    a.execute("select howdah.skip_blocked('q', 'k')");
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    assertThat(ring.carried()).isZero();
  }

  @Test
  void whatWasCarriedIsSkippedAndRejectedLikeEverythingElse() {
    block(3);
    ring.turn(2);
    a.execute("select howdah.skip_blocked('q', 'k')");
    fail(Claim.of(a, "q", 1));
    fail(Claim.of(a, "q", 1));
    ring.turn(2);
    a.execute("select howdah.park_blocked('q', 'k'), howdah.reject_blocked('q', 'k', 'enough')");
    assertThat(
        a.execute("select payload || ' ' || reason || ' ' || attempts || ' ' || topic from howdah.dead_letters('q')")
            .texts())
        .containsExactly("2 enough 2 t.2");
    assertThat(Claim.drain(a, "q")).containsExactly("3");
    assertThat(a.execute("select discarded from howdah.stats('q')").number()).isEqualTo(1);
    a.execute("select howdah.redrive('q')");
    assertThat(Claim.drain(a, "q")).containsExactly("2");
    assertThat(ring.carried()).isZero();
  }

  @Test
  void whatWasCarriedIsPurged() {
    block(3);
    a.execute("select howdah.publish('q', '7', key => 'other')");
    ring.advance();
    Claim.drain(a, "q");
    ring.housekeep();
    assertThat(a.execute("select howdah.purge('q', topic => 't.2', dry_run => true)").number()).isEqualTo(1);
    assertThat(a.execute("select howdah.purge('q', topic => 't.2')").number()).isEqualTo(1);
    a.execute("select howdah.retry_blocked('q', 'k')");
    assertThat(Claim.drain(a, "q")).containsExactly("1", "3");
    assertThat(ring.carried()).isZero();
  }

  @Test
  void whatWasCarriedExpiresAndIsCounted() {
    block(1);
    a.execute("select howdah.publish('q', '2', key => 'k', ttl => '1 min'), howdah.publish('q', '3', key => 'k')");
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    ring.turn(2);
    clock.advance(Duration.ofMinutes(2));
    a.execute("select howdah.retry_blocked('q', 'k')");
    assertThat(Claim.drain(a, "q")).containsExactly("1", "3");
    assertThat(a.execute("select expired from howdah.stats('q')").number()).isEqualTo(1);
    assertThat(ring.carried()).isZero();
  }

  @Test
  void whatWasCarriedHoldsItsDeduplicationKeyUntilItIsSettled() {
    block(1);
    String publish = "select duplicate from howdah.publish_once('q', '2', 'once', key => 'k', until_done => true)";
    assertThat(a.execute(publish).text()).isEqualTo("false");
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    ring.turn(9);
    clock.advance(Duration.ofDays(1));
    ring.housekeep();
    assertThat(a.execute(publish).text()).isEqualTo("true");
    a.execute("select howdah.skip_blocked('q', 'k')");
    Claim claim = Claim.of(a, "q", 1);
    assertThat(claim.payloads()).containsExactly("2");
    assertThat(a.execute(publish).text()).isEqualTo("true");
    claim.done(a);
    assertThat(a.execute(publish).text()).isEqualTo("false");
  }

  @Test
  void aBacklogOfAHotKeyIsCarriedPieceByPieceAndHousekeepSaysSo() {
    block(7_000);
    ring.advance();
    assertThat(ring.housekeep()).containsExactly("carried 3000 message(s) out of segment 1",
        "waiting segment 1: messages of subscription q that wait for their keys are being carried out of it");
    ring.housekeep();
    assertThat(ring.housekeep()).containsExactly("carried 1000 message(s) out of segment 1", "emptied segment 1");
    a.execute("select howdah.retry_blocked('q', 'k')");
    assertThat(Claim.drain(a, "q")).isEqualTo(numbers(1, 7_000));
    assertThat(ring.carried()).isZero();
  }

  @Test
  void largeMessagesAreCarriedSixteenMegabytesAtATime() {
    block(1);
    a.execute("""
        select howdah.publish('q', to_json(string_agg(md5(random()::text), '')), key => 'k')
        from generate_series(1, 28) n, generate_series(1, 30000) group by n""");
    assertThat(Claim.of(a, "q", 100).isEmpty()).isTrue();
    ring.advance();
    assertThat(ring.housekeep()).anyMatch(s -> s.startsWith("carried 1")).noneMatch(s -> s.startsWith("emptied"));
    assertThat(ring.housekeep()).contains("emptied segment 1");
    assertThat(ring.carried()).isEqualTo(29);
  }

  @Test
  void nothingIsCarriedOutOfASegmentThatSomebodyElseNeeds() {
    a.execute("select howdah.create_subscription('slow', 'q', 'beginning')");
    block(3);
    ring.advance();
    assertThat(ring.housekeep())
        .containsExactly("waiting segment 1: subscription slow has not settled all of stream q in it");
    assertThat(ring.carried()).isZero();
    Claim.drain(a, "slow");
    assertThat(ring.housekeep()).contains("emptied segment 1");
  }

  @Test
  void subscriptionsOfOneStreamShareWhatWasCarriedAndTheLastOneDropsIt() {
    a.execute("""
        select howdah.create_subscription(n, 'q', options => '{"ordering": "key", "backoff": "fixed", "delay": "1 h"}')
        from unnest('{one,two}'::text[]) n""");
    publish(1, 3);
    Claim.drain(a, "q");
    fail(Claim.of(a, "one", 3));
    fail(Claim.of(a, "two", 3));
    ring.turn(2);
    assertThat(ring.carried()).isEqualTo(3);
    a.execute("select howdah.drop_subscription('one', true)");
    assertThat(ring.carried()).isEqualTo(3);
    clock.advance(Duration.ofHours(2));
    assertThat(Claim.drain(a, "two")).containsExactly("1", "2", "3");
    assertThat(ring.carried()).isZero();
  }

  @Test
  void whatNobodyNeedsGoesAlthoughThousandsThatStayLieBeforeIt() {
    block(2_500);
    a.execute("""
        select cardinality(howdah.publish_many('q', array_agg('0'::text), keys => array_agg('l'::text)))
        from generate_series(1, 1500)""");
    fail(Claim.of(a, "q", 1));
    fail(Claim.of(a, "q", 1));
    assertThat(Claim.of(a, "q", 1000).isEmpty()).isTrue();
    ring.turn(1);
    assertThat(ring.carried()).isEqualTo(4_000);
    a.execute("select howdah.purge('q', key => 'l')");
    for (int i = 0; i < 4; i++) {
      ring.housekeep();
    }
    assertThat(ring.carried()).isEqualTo(2_500);
  }
}
