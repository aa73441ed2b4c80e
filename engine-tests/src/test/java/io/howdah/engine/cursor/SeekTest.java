package io.howdah.engine.cursor;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A subscription that is put elsewhere gets all from there on once, and loses nothing that it had not settled before. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeekTest {
  private final TestClock clock;
  private final Session a;
  private final Session b;

  SeekTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void streamAndSubscription() {
    a.execute("select howdah.drop_stream('s', true)");
    a.execute("select howdah.create_stream('s')");
    create("r", "{\"backoff\": \"fixed\", \"delay\": \"10 s\"}");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
  }

  private void create(String name, String options) {
    a.execute("select howdah.create_subscription(?, 's', options => ?::json)", name, options);
  }

  private void publish(int from, int to) {
    a.execute("select howdah.publish_many('s', array(select n::text from generate_series(?::int, ?::int) n))", from,
        to);
  }

  private String seek(String where) {
    return a.execute("select position || ' ' || replayed || ' ' || skipped from howdah.seek('r', " + where + ")")
        .text();
  }

  private List<String> drain() {
    return Claim.drain(a, "r");
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
  }

  /** All that waits for a retry is due. */
  private void later() {
    clock.advance(Duration.ofMinutes(2));
    a.execute("select howdah.promote()");
  }

  private void retry(Claim claim, long... positions) {
    for (long position : positions) {
      a.execute("select howdah.settle(?, array[?::bigint], array['retry'], rest => 'open')", claim.token(), position);
    }
  }

  @Test
  void backItGetsEverythingFromThereOnOnceMore() {
    publish(1, 10);
    assertThat(drain()).hasSize(10);
    assertThat(seek("start_position => 4")).isEqualTo("4 7 0");
    publish(11, 11);
    assertThat(drain()).isEqualTo(numbers(4, 11));
    assertThat(seek("'beginning'")).isEqualTo("1 11 0");
    assertThat(drain()).isEqualTo(numbers(1, 11));
  }

  @Test
  void backToATime() {
    publish(1, 3);
    clock.advance(Duration.ofMinutes(1));
    String time = a.execute("select howdah.now()::text").text();
    publish(4, 5);
    assertThat(drain()).hasSize(5);
    assertThat(a.execute("select position from howdah.seek('r', start_time => ?::timestamptz)", time).number())
        .isEqualTo(4);
    assertThat(drain()).isEqualTo(numbers(4, 5));
  }

  @Test
  void forwardItTellsWhatItSkips() {
    publish(1, 10);
    assertThat(Claim.of(a, "r", 2).done(a)).isEqualTo("settled");
    assertThat(seek("start_position => 8")).isEqualTo("8 0 5");
    assertThat(drain()).isEqualTo(numbers(8, 10));
    publish(11, 12);
    assertThat(seek("'now'")).isEqualTo("13 0 2");
    assertThat(drain()).isEmpty();
  }

  @Test
  void tokensOfBeforeAreVoid() {
    publish(1, 4);
    Claim claim = Claim.of(a, "r", 2);
    seek("'beginning'");
    assertThat(claim.done(a)).isEqualTo("lapsed");
    assertThat(a.execute("select howdah.renew(?)", claim.token()).text()).isEqualTo("false");
    assertThat(drain()).isEqualTo(numbers(1, 4));
  }

  @Test
  void whatIsInFlightBeforeThePlaceComesAgainAndOnce() {
    publish(1, 9);
    Claim first = Claim.of(a, "r", 3);
    Claim second = Claim.of(a, "r", 3);
    assertThat(second.positions()).containsExactly(4L, 5L, 6L);
    assertThat(seek("start_position => 5")).isEqualTo("5 2 0");
    assertThat(first.done(a)).isEqualTo("lapsed");
    assertThat(second.done(a)).isEqualTo("lapsed");
    assertThat(drain()).containsExactlyInAnyOrderElementsOf(numbers(1, 9));
  }

  @Test
  void whatAHalfSettledClaimHasSettledDoesNotComeAgainBeforeThePlace() {
    publish(1, 6);
    Claim claim = Claim.of(a, "r", 4);
    a.execute("select howdah.settle(?, array[1, 4]::bigint[], array['done', 'done'], rest => 'open')", claim.token());
    seek("start_position => 4");
    assertThat(drain()).containsExactlyInAnyOrder("2", "3", "4", "5", "6");
  }

  @Test
  void unsettledMessagesBeforeThePlaceAreGivenUpOnRequest() {
    publish(1, 9);
    Claim claim = Claim.of(a, "r", 6);
    retry(claim, 1, 5);
    assertThat(seek("start_position => 4, drop_unsettled => true")).as("1, 2, 3").isEqualTo("4 3 3");
    later();
    assertThat(drain()).isEqualTo(numbers(4, 9));
  }

  @Test
  void retriesOfWhatComesAgainAreDroppedAndTheOthersStay() {
    publish(1, 5);
    Claim claim = Claim.of(a, "r", 5);
    retry(claim, 2, 4);
    assertThat(claim.done(a)).isEqualTo("settled");
    seek("start_position => 3");
    assertThat(drain()).isEqualTo(numbers(3, 5));
    later();
    Claim again = Claim.of(a, "r", 9);
    assertThat(again.payloads()).containsExactly("2");
    assertThat(again.attempts()).containsExactly(2);
  }

  @Test
  void soAreRetriesThatAreDueAndThoseInFlight() {
    publish(1, 5);
    Claim claim = Claim.of(a, "r", 5);
    retry(claim, 1, 2, 3, 4);
    assertThat(claim.done(a)).isEqualTo("settled");
    later();
    Claim retries = Claim.of(a, "r", 2);
    assertThat(retries.payloads()).containsExactly("1", "2");
    seek("start_position => 2");
    assertThat(retries.done(a)).isEqualTo("lapsed");
    assertThat(drain()).containsExactlyInAnyOrderElementsOf(numbers(1, 5));
    a.execute("select * from howdah.housekeep()");
    assertThat(a.execute("select filtered from howdah.subscription where name = 'r'").text()).as("it is plain again")
        .isEqualTo("false");
  }

  @Test
  void aRetryOfARetryKnowsWhereItComesFrom() {
    publish(1, 3);
    Claim claim = Claim.of(a, "r", 3);
    retry(claim, 2);
    claim.done(a);
    later();
    Claim again = Claim.of(a, "r", 3);
    retry(again, again.positions().getFirst());
    seek("start_position => 2");
    later();
    assertThat(drain()).isEqualTo(numbers(2, 3));
  }

  @Test
  void directMessagesStay() {
    publish(1, 2);
    a.execute(
        "select howdah.publish('r', '\"direct\"'), howdah.publish('r', '\"failed\"'), howdah.publish('r', '\"taken\"'),"
            + " howdah.publish('r', '\"later\"', delay => '5 s')");
    Claim claim = Claim.of(a, "r", 3);
    while (!claim.payloads().contains("\"failed\"")) {
      claim = Claim.of(a, "r", 3);
    }
    retry(claim, claim.positions().get(claim.payloads().indexOf("\"failed\"")));
    seek("'beginning', drop_unsettled => true");
    later();
    assertThat(drain()).containsExactlyInAnyOrder("1", "2", "\"direct\"", "\"failed\"", "\"taken\"", "\"later\"");
  }

  @Test
  void theBindingsOfNowHoldForWhatIsReadOnceMoreAndTheirOwnForWhatWaits() {
    a.execute("select howdah.set_bindings('r', array['a'])");
    for (String topic : List.of("a", "b", "c")) {
      a.execute("select howdah.publish('s', to_json(?::text), topic => ?)", topic + "1", topic);
    }
    assertThat(drain()).containsExactly("\"a1\"");
    a.execute("select howdah.set_bindings('r', array['b'])");
    for (String topic : List.of("a", "b", "c")) {
      a.execute("select howdah.publish('s', to_json(?::text), topic => ?)", topic + "2", topic);
    }
    a.execute("select howdah.set_bindings('r', array['c'])");
    a.execute("select howdah.publish('s', '\"c3\"', topic => 'c')");
    seek("'beginning'");
    assertThat(drain()).containsExactly("\"c1\"", "\"b2\"", "\"c3\"");
    seek("'beginning'");
    assertThat(drain()).containsExactly("\"c1\"", "\"c2\"", "\"c3\"");
  }

  @Test
  void whatWasPurgedComesAgain() {
    publish(1, 3);
    a.execute("select howdah.publish('s', '4', topic => 'x')");
    a.execute("select howdah.purge('r', topic => 'x')");
    assertThat(drain()).isEqualTo(numbers(1, 3));
    seek("'beginning'");
    assertThat(drain()).isEqualTo(numbers(1, 4));
  }

  @Test
  void anOrderedSubscriptionKeepsTheOrderOfItsKeysAndForgetsItsBlocks() {
    create("o", "{\"ordering\": \"key\", \"blocking\": true, \"backoff\": \"fixed\", \"delay\": \"1 h\"}");
    for (int i = 1; i <= 6; i++) {
      a.execute("select howdah.publish('s', ?::json, key => ?)", String.valueOf(i), i % 2 == 0 ? "even" : "odd");
    }
    Claim claim = Claim.of(a, "o", 3);
    a.execute("select howdah.settle(?, array[1]::bigint[], array['retry'], rest => 'open')", claim.token());
    assertThat(Claim.of(a, "o", 9).isEmpty()).isTrue();
    a.execute("select howdah.seek('o', 'beginning')");
    assertThat(a.execute("select (select count(*) from howdah.parked) + (select count(*) from howdah.lane)"
        + " + (select count(*) from howdah.blocked)").number()).isZero();
    List<String> again = Claim.drain(a, "o");
    assertThat(again.stream().filter(n -> Integer.parseInt(n) % 2 == 0)).containsExactly("2", "4", "6");
    assertThat(again.stream().filter(n -> Integer.parseInt(n) % 2 == 1)).containsExactly("1", "3", "5");
  }

  @Test
  void whatAnOrderedSubscriptionHasParkedBeforeThePlaceStaysBehindItsBlock() {
    create("o", "{\"ordering\": \"key\", \"blocking\": true, \"backoff\": \"fixed\", \"delay\": \"1 min\"}");
    for (int i = 1; i <= 6; i++) {
      a.execute("select howdah.publish('s', ?::json, key => 'k')", String.valueOf(i));
    }
    Claim claim = Claim.of(a, "o", 5);
    a.execute("select howdah.settle(?, array[1]::bigint[], array['retry'], rest => 'release')", claim.token());
    a.execute("select howdah.seek('o', start_position => 4)");
    assertThat(Claim.of(a, "o", 9).isEmpty()).as("1 blocks the key").isTrue();
    later();
    assertThat(Claim.drain(a, "o")).isEqualTo(numbers(1, 6));
  }

  @Test
  void itWaitsForASettleAndSeesWhatItDid() {
    publish(1, 3);
    Claim claim = Claim.of(a, "r", 3);
    b.begin();
    b.execute("select howdah.settle(?, array[1]::bigint[], array['retry'])", claim.token());
    a.run("select howdah.seek('r', start_position => 3)").awaitBlocked();
    b.commit();
    a.await();
    assertThat(drain()).containsExactly("3");
    later();
    assertThat(drain()).containsExactly("1");
  }

  @Test
  void itDoesNotWaitForeverForATransactionThatHasSettled() {
    publish(1, 3);
    Claim claim = Claim.of(a, "r", 3);
    b.begin();
    claim.done(b);
    Refusal.expect("55P03", a, "select howdah.seek('r', 'beginning')");
    b.commit();
    assertThat(drain()).isEmpty();
  }

  @Test
  void whoSettlesWhileItGoesOnWaitsAndIsTooLate() {
    publish(1, 3);
    Claim claim = Claim.of(a, "r", 3);
    b.begin().execute("select howdah.seek('r', 'beginning')");
    a.run("select howdah.settle(?)", claim.token()).awaitBlocked();
    b.commit();
    assertThat(a.await().text()).isEqualTo("lapsed");
    assertThat(drain()).isEqualTo(numbers(1, 3));
  }

  @Test
  void rolledBackItHasNotHappened() {
    publish(1, 3);
    Claim claim = Claim.of(a, "r", 2);
    b.begin().execute("select howdah.seek('r', 'beginning')");
    b.rollback();
    assertThat(claim.done(a)).isEqualTo("settled");
    assertThat(drain()).containsExactly("3");
  }

  @Test
  void placesThatCannotBeAreRefused() {
    publish(1, 1);
    for (String place : List.of("'nowhere'", "start_position => 3", "start_position => 0", "'now', start_position => 1",
        "start_time => 'infinity'", "null")) {
      Refusal.expect("22023", a, "select howdah.seek('r', " + place + ")");
    }
    Refusal.expect("HD404", a, "select howdah.seek('nobody', 'now')");
    b.execute("begin isolation level repeatable read");
    Refusal.expect("0A000", b, "select howdah.seek('r', 'now')");
  }

  @Test
  void aShadowReadsBesideItsOriginalAndDoesNotDisturbIt() {
    a.execute("select howdah.bind('r', 'x.*'), howdah.alter_subscription('r', '{\"max_attempts\": 3}')");
    for (String topic : List.of("x.1", "y.1", "x.2")) {
      a.execute("select howdah.publish('s', to_json(?::text), topic => ?)", topic, topic);
    }
    assertThat(drain()).hasSize(2);
    a.execute("select howdah.create_shadow('shadow', 'r', 'beginning')");
    assertThat(Claim.drain(a, "shadow")).containsExactly("\"x.1\"", "\"x.2\"");
    assertThat(drain()).isEmpty();
    assertThat(a.execute("select options ->> 'max_attempts' from howdah.describe('shadow')").text()).isEqualTo("3");
    Refusal.expect("HD409", a, "select howdah.create_shadow('shadow', 'r', 'beginning')");
    Refusal.expect("HD404", a, "select howdah.create_shadow('other', 'nobody', 'beginning')");
    Refusal.expect("22023", a, "select howdah.create_shadow('other', 'r', start_position => 99)");
  }
}
