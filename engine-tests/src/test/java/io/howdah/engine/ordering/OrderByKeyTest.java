package io.howdah.engine.ordering;

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

/** The messages of a key are handed out one after the other, whoever asks. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OrderByKeyTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private final TestDatabase database;
  private final TestClock clock;
  private final Session a;
  private final Session b;

  OrderByKeyTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("""
        select howdah.drop_queue('q', true);
        select howdah.create_queue('q', '{"ordering": "key", "backoff": "fixed", "delay": "10 s"}')""");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    clock.reset();
  }

  /** One message for each letter of each word: its key is the letter, its payload the letter and the word's number. */
  private void publish(String keys) {
    a.execute("""
        select howdah.publish_many('q',
          array_agg(to_json(k || (select count(*) from regexp_split_to_table(left(?, o::int), '') e where e = k))::text
            order by o),
          keys => array_agg(k order by o))
        from regexp_split_to_table(?, '') with ordinality t (k, o)""", keys, keys);
  }

  private static List<String> quoted(String... payloads) {
    return List.of(payloads).stream().map(p -> '"' + p + '"').toList();
  }

  @Test
  void aKeyInFlightIsNotHandedOutToAnother() {
    publish("ababc");
    Claim first = Claim.of(a, "q", 2);
    assertThat(first.payloads()).isEqualTo(quoted("a1", "b1"));
    Claim second = Claim.of(b, "q", 10);
    assertThat(second.payloads()).isEqualTo(quoted("c1"));
    assertThat(Claim.of(b, "q", 10).isEmpty()).isTrue();
    assertThat(first.done(a)).isEqualTo("settled");
    assertThat(Claim.of(b, "q", 10).payloads()).isEqualTo(quoted("a2", "b2"));
  }

  @Test
  void whatComesLaterNeverOvertakesWhatIsParked() {
    publish("aab");
    Claim first = Claim.of(a, "q", 1);
    assertThat(Claim.of(b, "q", 10).payloads()).isEqualTo(quoted("b1"));
    publish("ac");
    assertThat(Claim.of(b, "q", 10).payloads()).isEqualTo(quoted("c1"));
    first.done(a);
    assertThat(Claim.of(b, "q", 10).payloads()).isEqualTo(quoted("a2", "a1"));
  }

  @Test
  void aKeyIsFreeAsSoonAsItsMessagesAreSettledThoughOthersOfTheClaimAreNot() {
    publish("aba");
    Claim first = Claim.of(a, "q", 2);
    a.execute("select howdah.settle(?, array[1], array['done'], rest => 'open')", first.token());
    assertThat(Claim.of(b, "q", 10).payloads()).isEqualTo(quoted("a2"));
    assertThat(first.done(a)).isEqualTo("settled");
  }

  @Test
  void aFailingMessageHoldsUpItsKeyAndNobodyElse() {
    publish("aab");
    Claim first = Claim.of(a, "q", 10);
    assertThat(
        a.execute("select howdah.settle(?, array[1], array['retry'], reasons => array['x'])", first.token()).text())
        .isEqualTo("settled");
    publish("abc");
    assertThat(Claim.of(b, "q", 10).payloads()).isEqualTo(quoted("b1", "c1"));
    assertThat(Claim.of(b, "q", 10).isEmpty()).isTrue();
    assertThat(database.text("select howdah.next_due('q') - howdah.now() between '9 s' and '10 s'")).isEqualTo("true");
    assertThat(database.query("select key, position, attempts, reason, waiting from howdah.blocked_keys('q')").values())
        .containsExactly(List.of("a", 1L, 1, "x", 3L));
    assertThat(database.text("select (ready, in_flight, blocked)::text from howdah.stats('q')")).isEqualTo("(0,2,3)");

    clock.advance(Duration.ofSeconds(11));
    Claim again = Claim.of(b, "q", 10);
    assertThat(again.payloads()).isEqualTo(quoted("a1"));
    assertThat(again.attempts()).containsExactly(2);
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    again.done(b);
    assertThat(Claim.of(a, "q", 10).payloads()).isEqualTo(quoted("a2", "a1"));
    assertThat(database.query("select * from howdah.blocked_keys('q')").size()).isZero();
  }

  @Test
  void whatIsBehindAFailingMessageIsNotTakenAsDoneUnlessItIsNamed() {
    publish("aaa");
    Claim first = Claim.of(a, "q", 10);
    a.execute("select howdah.settle(?, array[1, 3], array['retry', 'done'])", first.token());
    clock.advance(Duration.ofSeconds(11));
    assertThat(Claim.drain(b, "q")).isEqualTo(quoted("a1", "a2"));
  }

  @Test
  void aMessageThatIsGivenUpLetsItsKeyGoOn() {
    a.execute("select howdah.alter_queue('q', '{\"max_attempts\": 2}')");
    publish("aa");
    a.execute("select howdah.settle(?, array[1], array['retry'])", Claim.of(a, "q", 1).token());
    clock.advance(Duration.ofSeconds(11));
    a.execute("select howdah.settle(?, array[1], array['retry'])", Claim.of(a, "q", 1).token());
    assertThat(Claim.of(a, "q", 10).payloads()).isEqualTo(quoted("a2"));
    assertThat(database.query("select attempts, failed_at > first_failed_at from howdah.dead_letters('q')").values())
        .containsExactly(List.of(2, true));
  }

  @Test
  void whatIsReleasedKeepsItsPlace() {
    publish("aabb");
    Claim first = Claim.of(a, "q", 10);
    a.execute("select howdah.settle(?, array[1], array['release'], rest => 'open')", first.token());
    assertThat(Claim.of(b, "q", 1).payloads()).isEqualTo(quoted("a1"));
    a.execute("select howdah.release(?)", first.token());
    assertThat(Claim.drain(b, "q")).isEqualTo(quoted("b1", "b2"));
  }

  @Test
  void whatLapsesKeepsItsPlace() {
    publish("aab");
    Claim first = Claim.of(a, "q", 2);
    publish("a");
    clock.advance(MINUTE);
    Claim again = Claim.of(b, "q", 1);
    assertThat(again.payloads()).isEqualTo(quoted("a1"));
    assertThat(again.attempts()).containsExactly(2);
    assertThat(Claim.drain(a, "q")).isEqualTo(quoted("b1"));
    again.done(b);
    assertThat(Claim.drain(a, "q")).isEqualTo(quoted("a2", "a1"));
    assertThat(first.done(a)).isEqualTo("lapsed");
  }

  @Test
  void aMessageThatKillsItsConsumersEndsAsADeadLetterAndItsKeyGoesOn() {
    a.execute("select howdah.alter_queue('q', '{\"max_attempts\": 4}')");
    publish("aaab");
    List<String> done = new ArrayList<>();
    for (int i = 0; i < 20 && done.size() < 3; i++) {
      Claim claim = Claim.of(a, "q", 10);
      if (claim.payloads().contains("\"a1\"")) {
        clock.advance(MINUTE);
      } else {
        done.addAll(claim.payloads());
        claim.done(a);
      }
    }
    assertThat(database.query("select payload::text from howdah.dead_letters('q')").texts()).isEqualTo(quoted("a1"));
    assertThat(done).containsExactlyInAnyOrderElementsOf(quoted("a2", "a3", "b1"))
        .containsSubsequence(quoted("a2", "a3"));
  }

  @Test
  void messagesWithoutAKeyWaitForNobody() {
    a.execute("select howdah.publish_many('q', array['1', '2', '3'])");
    Claim first = Claim.of(a, "q", 1);
    assertThat(Claim.of(b, "q", 10).payloads()).containsExactly("2", "3");
    a.execute("select howdah.settle(?, array[1], array['retry'])", first.token());
    clock.advance(Duration.ofSeconds(11));
    assertThat(Claim.of(b, "q", 10).payloads()).containsExactly("1");
  }

  @Test
  void aClaimThatIsRolledBackLeavesTheOrderAsItWas() {
    publish("aab");
    Claim first = Claim.of(a, "q", 1);
    b.execute("begin");
    assertThat(Claim.of(b, "q", 10).payloads()).isEqualTo(quoted("b1"));
    b.rollback();
    first.done(a);
    assertThat(Claim.drain(a, "q")).isEqualTo(quoted("a2", "b1"));
  }

  @Test
  void purgeTakesWhatIsParkedToo() {
    publish("aaab");
    Claim first = Claim.of(a, "q", 1);
    Claim.of(b, "q", 1).done(b);
    assertThat(a.execute("select howdah.purge('q', dry_run => true)").number()).isEqualTo(2);
    assertThat(a.execute("select howdah.purge('q')").number()).isEqualTo(2);
    first.done(a);
    publish("a");
    assertThat(Claim.drain(a, "q")).isEqualTo(quoted("a1"));
  }
}
