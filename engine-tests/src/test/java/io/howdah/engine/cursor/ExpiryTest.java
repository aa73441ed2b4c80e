package io.howdah.engine.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A subscription that nobody uses for as long as it says goes by itself; one that is used stays. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExpiryTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private final TestClock clock;
  private final Session a;
  private final Session b;

  ExpiryTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void stream() {
    a.execute("select howdah.drop_stream('s', true)");
    a.execute("select howdah.create_stream('s')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
  }

  private void temporary(String name, String time) {
    a.execute("select howdah.create_subscription(?, 's', options => json_build_object('expires_after', ?::text))", name,
        time);
  }

  private List<String> housekeep() {
    return a.execute("select detail from howdah.housekeep() where action = 'expired'").texts();
  }

  private boolean exists(String name) {
    return a.execute("select count(*) from howdah.subscription where name = ?", name).number() == 1;
  }

  @Test
  void whatNobodyUsesIsDroppedAndTold() {
    temporary("t", "10 min");
    a.execute("select howdah.create_subscription('forever', 's')");
    a.execute("select howdah.publish('s', '1')");
    clock.advance(MINUTE.multipliedBy(9));
    assertThat(housekeep()).isEmpty();
    clock.advance(MINUTE.multipliedBy(3));
    assertThat(housekeep()).singleElement().asString().contains("t", "10", "1 message");
    assertThat(exists("t")).isFalse();
    assertThat(exists("forever")).isTrue();
    assertThat(
        a.execute("select subscription || ' ' || stream || ' ' || lost from howdah.expired_subscriptions() limit 1")
            .text())
        .isEqualTo("t s 1");
    assertThatThrownBy(() -> Claim.of(a, "t", 1)).hasMessageContaining("it expired at");
  }

  @Test
  void aConsumerThatOnlyWaitsKeepsItAndWritesSeldom() {
    temporary("t", "10 min");
    for (int i = 0; i < 40; i++) {
      assertThat(Claim.of(a, "t", 1).isEmpty()).isTrue();
      clock.advance(MINUTE);
      assertThat(housekeep()).isEmpty();
    }
    String row = a.execute("select xmin::text || ctid::text from howdah.activity").text();
    assertThat(Claim.of(a, "t", 1).isEmpty()).isTrue();
    String again = a.execute("select xmin::text || ctid::text from howdah.activity").text();
    assertThat(Claim.of(a, "t", 1).isEmpty()).isTrue();
    assertThat(a.execute("select xmin::text || ctid::text from howdah.activity").text()).as("one note for many claims")
        .isEqualTo(again).isNotEqualTo(row);
  }

  @Test
  void aLeaseThatIsRenewedAndASettleKeepIt() {
    temporary("t", "10 min");
    a.execute("select howdah.publish('s', '1')");
    Claim claim = Claim.of(a, "t", 1);
    for (int i = 0; i < 5; i++) {
      a.execute("select howdah.renew(?, '8 min')", claim.token());
      clock.advance(MINUTE.multipliedBy(7));
      assertThat(housekeep()).isEmpty();
    }
    assertThat(claim.done(a)).isEqualTo("settled");
    clock.advance(MINUTE.multipliedBy(9));
    assertThat(housekeep()).as("settled 9 minutes ago").isEmpty();
    clock.advance(MINUTE.multipliedBy(2));
    assertThat(housekeep()).hasSize(1);
  }

  @Test
  void itIsNeverTooEarly() {
    temporary("t", "80 s");
    clock.advance(Duration.ofSeconds(9));
    Claim.of(a, "t", 1);
    clock.advance(Duration.ofSeconds(9));
    Claim.of(a, "t", 1);
    clock.advance(Duration.ofSeconds(79));
    assertThat(housekeep()).isEmpty();
    clock.advance(Duration.ofSeconds(12));
    assertThat(housekeep()).hasSize(1);
  }

  @Test
  void keepingHouseIsNoUse() {
    temporary("t", "10 min");
    a.execute("select howdah.bind('t', 'x')");
    for (int i = 0; i < 4; i++) {
      a.execute("select howdah.publish('s', '1', topic => 'y')");
      clock.advance(MINUTE.multipliedBy(3));
      a.execute(
          "insert into howdah.segment select 1, max(no) + 1, max(no) % 8 from howdah.segment having count(*) < 8");
      if (i < 3) {
        assertThat(housekeep()).isEmpty();
      }
    }
    assertThat(housekeep()).hasSize(1);
  }

  @Test
  void whoIsClaimingWhileItExpiresIsLeftAlone() {
    temporary("t", "10 min");
    clock.advance(MINUTE.multipliedBy(20));
    a.execute("select howdah.publish('s', '1')");
    b.begin();
    assertThat(Claim.of(b, "t", 1).payloads()).containsExactly("1");
    assertThat(housekeep()).isEmpty();
    b.commit();
    assertThat(housekeep()).isEmpty();
  }

  @Test
  void anEqualOneExpiresWithTheLongerOfBothAndNeverIfEitherNeverDoes() {
    temporary("t", "10 min");
    temporary("t", "5 min");
    assertThat(expiry("t")).isEqualTo("PT10M");
    temporary("t", "20 min");
    assertThat(expiry("t")).isEqualTo("PT20M");
    a.execute("select howdah.create_subscription('t', 's')");
    assertThat(expiry("t")).isEqualTo("never");
    temporary("t", "1 min");
    assertThat(expiry("t")).isEqualTo("never");
    clock.advance(MINUTE.multipliedBy(60));
    assertThat(housekeep()).isEmpty();
  }

  private String expiry(String name) {
    return a.execute("select options ->> 'expires_after' from howdah.describe(?)", name).text();
  }

  @Test
  void itIsAlteredLikeEveryOption() {
    a.execute("select howdah.create_subscription('t', 's')");
    a.execute("select howdah.alter_subscription('t', '{\"expires_after\": \"1 min\"}')");
    clock.advance(MINUTE.multipliedBy(2));
    a.execute("select howdah.alter_subscription('t', '{\"expires_after\": \"never\"}')");
    assertThat(housekeep()).isEmpty();
    a.execute("select howdah.alter_subscription('t', '{\"expires_after\": \"1 min\"}')");
    assertThat(housekeep()).as("its time begins now").isEmpty();
    clock.advance(MINUTE.multipliedBy(2));
    assertThat(housekeep()).hasSize(1);
    for (String wrong : List.of("0", "\"0\"", "\"soon\"", "null", "5")) {
      Refusal.expect("22023", a,
          "select howdah.create_subscription('t', 's', options => '{\"expires_after\": " + wrong + "}')");
    }
  }

  @Test
  void aQueueGoesWithItsStreamUnlessOthersReadIt() {
    a.execute("select howdah.create_queue('q', '{\"expires_after\": \"1 min\"}')");
    a.execute("select howdah.create_subscription('audit', 'q')");
    clock.advance(MINUTE.multipliedBy(2));
    assertThat(housekeep()).isEmpty();
    a.execute("select howdah.drop_subscription('audit')");
    assertThat(housekeep()).hasSize(1);
    assertThat(a.execute("select count(*) from howdah.stream where name = 'q'").number()).isZero();
  }

  @Test
  void whoAsksForTheSameSharesOne() {
    String first = share("'{x.*, y}'", "'{\"expires_after\": \"5 min\"}'");
    assertThat(share("'{y, x.*, y}'", "'{\"expires_after\": \"10 min\"}'")).isEqualTo(first);
    assertThat(expiry(first)).isEqualTo("PT10M");
    assertThat(share("'{y}'", "null")).isNotEqualTo(first);
    assertThat(share("null", "null")).isNotEqualTo(first);
    assertThat(share("'{x.*, y}'", "'{\"max_attempts\": 3}'")).isNotEqualTo(first);
    assertThat(share("'{x.*, y}'", "null")).isEqualTo(first);
    assertThat(expiry(first)).isEqualTo("never");
    a.execute("select howdah.create_subscription('own', 's'), howdah.bind('own', 'z')");
    assertThat(share("'{z}'", "null")).as("nobody else's").isNotEqualTo("own");
    a.execute("select howdah.publish('s', '1', topic => 'y'), howdah.publish('s', '2', topic => 'z')");
    assertThat(Claim.drain(a, first)).containsExactly("1");
  }

  private String share(String patterns, String options) {
    return a.execute("select howdah.share_subscription('s', " + patterns + "::text[], " + options + "::json)").text();
  }

  @Test
  void twoWhoAskAtTheSameTimeShareOne() {
    b.begin();
    String first = b.execute("select howdah.share_subscription('s', '{a}')").text();
    a.run("select howdah.share_subscription('s', '{a}')").awaitBlocked();
    b.commit();
    assertThat(a.await().text()).isEqualTo(first);
  }
}
