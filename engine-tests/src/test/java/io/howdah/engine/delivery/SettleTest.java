package io.howdah.engine.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SettleTest {
  private static final String NUMBERS = "select ready, in_flight, scheduled, dead from howdah.stats('q')";
  private final Session a;

  SettleTest(TestDatabase database) {
    this.a = database.session("a");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
  }

  @BeforeEach
  void tenMessages() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(1, 10) n))");
  }

  private String settle(Claim claim, String arguments) {
    return a.execute("select howdah.settle(?" + arguments + ")", claim.token()).text();
  }

  @Test
  void allDone() {
    Claim claim = Claim.of(a, "q", 10);
    assertThat(claim.done(a)).isEqualTo("settled");
    assertThat(claim.done(a)).isEqualTo("lapsed");
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(0L, 0L, 0L, 0L);
  }

  @Test
  void oneByOneUntilTheLastOneClosesIt() {
    Claim claim = Claim.of(a, "q", 3);
    assertThat(settle(claim, ", array[2], array['done'], rest => 'open'")).isEqualTo("open");
    assertThat(settle(claim, ", array[2], array['done'], rest => 'open'")).as("again").isEqualTo("open");
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(7L, 2L, 0L, 0L);
    assertThat(settle(claim, ", array[1], array['done'], rest => 'open'")).isEqualTo("open");
    assertThat(settle(claim, ", array[3], array['done'], rest => 'open'")).isEqualTo("settled");
    assertThat(settle(claim, ", array[3], array['done'], rest => 'open'")).isEqualTo("lapsed");
  }

  @Test
  void nothingNamedAndTheRestOpenChangesNothing() {
    Claim claim = Claim.of(a, "q", 3);
    assertThat(settle(claim, ", rest => 'open'")).isEqualTo("open");
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(7L, 3L, 0L, 0L);
  }

  @Test
  void whatIsReleasedComesBackAtOnceAndIsNotCounted() {
    Claim claim = Claim.of(a, "q", 3);
    assertThat(a.execute("select howdah.release(?)", claim.token()).text()).isEqualTo("true");
    assertThat(a.execute("select howdah.release(?)", claim.token()).text()).isEqualTo("false");

    Claim again = Claim.of(a, "q", 10);
    while (!again.positions().contains(1L)) {
      again = Claim.of(a, "q", 10);
    }
    assertThat(again.positions()).containsExactly(1L, 2L, 3L);
    assertThat(again.attempts()).containsOnly(1);
    assertThat(again.token()).isNotEqualTo(claim.token());
  }

  @Test
  void theRestIsReleasedAndTheNamedOnesAreDone() {
    Claim claim = Claim.of(a, "q", 10);
    assertThat(settle(claim, ", array[1, 3], array['done', 'done'], rest => 'release'")).isEqualTo("settled");
    Claim again = Claim.of(a, "q", 10);
    assertThat(again.payloads()).containsExactly("2", "4", "5", "6", "7", "8", "9", "10");
  }

  @Test
  void oneIsReleasedAndTheRestIsDone() {
    Claim claim = Claim.of(a, "q", 10);
    assertThat(settle(claim, ", array[4], array['release']")).isEqualTo("settled");
    assertThat(Claim.drain(a, "q")).containsExactly("4");
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(0L, 0L, 0L, 0L);
  }

  @Test
  void oneIsReleasedWhileTheRestStaysOpen() {
    Claim claim = Claim.of(a, "q", 10);
    assertThat(settle(claim, ", array[4], array['release'], rest => 'open'")).isEqualTo("open");
    Claim again = Claim.of(a, "q", 10);
    assertThat(again.payloads()).containsExactly("4");
    assertThat(again.attempts()).containsExactly(1);
    assertThat(claim.done(a)).isEqualTo("settled");
    assertThat(again.done(a)).isEqualTo("settled");
  }

  @Test
  void aRetryComesBackOnceMoreWithItsAttempt() {
    Claim claim = Claim.of(a, "q", 10);
    assertThat(settle(claim, ", array[4, 5], array['retry', 'retry'], array['0', '1 h']::interval[]"))
        .isEqualTo("settled");
    Claim again = Claim.of(a, "q", 10);
    assertThat(again.payloads()).containsExactly("4");
    assertThat(again.attempts()).containsExactly(2);
    assertThat(again.done(a)).isEqualTo("settled");
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(0L, 0L, 1L, 0L);
  }

  @Test
  void aRetryWithoutADelayBacksOffTwiceAsLongEachTimeUpToAnHour() {
    a.execute("select howdah.settle(token) from howdah.claim('q', 9) limit 1");
    for (int attempt = 1; attempt <= 15; attempt++) {
      Claim claim = Claim.of(a, "q", 1);
      a.execute("select howdah.settle(?, ?, array['retry'])", claim.token(), claim.positions().toArray(Long[]::new));
      double seconds = Math.min(3600, Math.pow(2, attempt - 1));
      assertThat(
          a.execute("select extract(epoch from due - howdah.now()) / ? from howdah.due", seconds).values().getFirst())
          .first(org.assertj.core.api.InstanceOfAssertFactories.DOUBLE).isBetween(0.9 - 1 / seconds, 1.1);
      a.execute("update howdah.due set due = howdah.now() - interval '1 s'");
      a.execute("select howdah.promote()");
    }
  }

  @Test
  void aRejectedMessageIsADeadLetterWithItsReason() {
    Claim claim = Claim.of(a, "q", 10);
    settle(claim,
        ", array[4, 5], array['reject', 'reject'], null, array['no such customer', null], array['stack', null]");
    assertThat(a.execute("""
        select position, attempts, reason, error, payload::text from howdah.dead_letter
        where sub = (select id from howdah.subscription where name = 'q') order by position""").values())
        .containsExactly(java.util.Arrays.asList(4L, 1, "no such customer", "stack", "4"),
            java.util.Arrays.asList(5L, 1, "rejected", null, "5"));
  }

  @Test
  void theLastAttemptThatFailsIsADeadLetter() {
    a.execute("update howdah.subscription set max_attempts = 3 where name = 'q'");
    a.execute("select howdah.settle(token) from howdah.claim('q', 9) limit 1");
    for (int attempt = 1; attempt <= 3; attempt++) {
      Claim claim = Claim.of(a, "q", 1);
      assertThat(claim.attempts()).containsExactly(attempt);
      assertThat(claim.payloads()).containsExactly("10");
      a.execute("select howdah.settle(?, ?, array['retry'], array['0'::interval])", claim.token(),
          claim.positions().toArray(Long[]::new));
    }
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(0L, 0L, 0L, 1L);
    assertThat(a.execute("select max(attempts) from howdah.dead_letter").number()).isEqualTo(3);
  }

  @Test
  void settlingCanBeRolledBack() {
    Claim claim = Claim.of(a, "q", 10);
    a.begin();
    settle(claim, ", array[4, 5], array['reject', 'retry']");
    a.rollback();
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(0L, 10L, 0L, 0L);
    assertThat(claim.done(a)).isEqualTo("settled");
  }

  @Test
  void moreFailuresThanABlockHasNumbersKeepTheirOrder() {
    a.execute("select howdah.publish_many('q', array(select n::text from generate_series(11, 12010) n))");
    a.execute("select howdah.settle(token) from howdah.claim('q', 10) limit 1");
    Claim claim = Claim.of(a, "q", 10_000);
    assertThat(claim.positions()).hasSize(10_000);
    settle(claim,
        ", array(select generate_series(11, 10010)), array_fill('release'::text, array[10000]), rest => 'open'");
    assertThat(a.execute("""
        select count(distinct seq) from howdah.log
        where stream = (select return_stream from howdah.subscription where name = 'q')""").number()).isEqualTo(10_000);
    assertThat(a.execute("select max(seq) >> 13 <= (select last_value from howdah.block) from howdah.log").text())
        .isEqualTo("true");
    assertThat(Claim.drain(a, "q").stream().filter(Set.copyOf(claim.payloads())::contains).toList())
        .isEqualTo(claim.payloads());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "1.2.3", "8.1.1.1", "0.1.1.1.1", "a.b.c.d", "0.-1.1.1", "0.1.1.99999999999999999999",
      "0.1.1.1 ", "0.1.1.1\n", "0.1.1.' or 1=1"})
  void aMalformedTokenIsRefused(String token) {
    Refusal.expect("22023", a, "select howdah.settle(?)", token);
    Refusal.expect("22023", a, "select howdah.renew(?)", token);
    Refusal.expect("22023", a, "select howdah.release(?)", token);
    Refusal.expect("22023", a, "select howdah.settle_and_claim(?, 'q')", token);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.1.1.1", "7.999999999.999999999999999999.999999999999999999", "0.0.0.0"})
  void aTokenOfNobodyHasLapsed(String token) {
    assertThat(a.execute("select howdah.settle(?)", token).text()).isEqualTo("lapsed");
    assertThat(a.execute("select howdah.renew(?)", token).text()).isEqualTo("false");
    assertThat(a.execute("select howdah.release(?)", token).text()).isEqualTo("false");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rest => 'gone'", "rest => null", "array[1], null", "array[1], array['finished']",
      "array[1], array[null]", "array[1], array['done', 'done']", "array[4], array['done']", "array[0], array['done']",
      "array[null]::bigint[], array['done']", "array[1, 1], array['done', 'retry']",
      "array[1], array['retry'], array['-1 s']::interval[]", "array[1], array['retry'], array['11 years']::interval[]",
      "array[1], array['retry'], array['1 s', '1 s']::interval[]", "array[1], array['reject'], null, array['a', 'b']",
      "array[1], array['reject'], null, null, array['a', 'b']", "null, array['reject']", "'{}', array['reject']",
      "reasons => array['a']"})
  void outcomesThatDoNotFitAreRefusedAndNothingChanges(String arguments) {
    Claim claim = Claim.of(a, "q", 3);
    Refusal.expect("22023", a, "select howdah.settle(?, " + arguments + ")", claim.token());
    assertThat(a.execute(NUMBERS).values().getFirst()).containsExactly(7L, 3L, 0L, 0L);
    assertThat(claim.done(a)).isEqualTo("settled");
  }
}
