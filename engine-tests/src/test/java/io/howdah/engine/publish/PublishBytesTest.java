package io.howdah.engine.publish;

import static org.assertj.core.api.Assertions.assertThat;

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

/** A message of bytes comes back as it was published, wherever it went meanwhile. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PublishBytesTest {
  private static final String CONTENT = "encode(body, 'hex') || ' ' || content_type || coalesce(payload::text, '')";

  private final TestClock clock;
  private final Session a;

  PublishBytesTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.a = database.session("a");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  @AfterEach
  void reset() {
    a.rollback();
    clock.reset();
  }

  @Test
  void theyAreClaimedAndPeekedAndPopped() {
    a.execute("select howdah.publish_bytes('q', '\\x00ff', 'image/png', 'a.b', 'k', '{\"h\": \"v\"}')");
    assertThat(a.execute("select " + CONTENT + " from howdah.peek('q')").texts()).containsExactly("00ff image/png");
    assertThat(a.execute("select " + CONTENT + " from howdah.peek_all()").texts()).containsExactly("00ff image/png");
    assertThat(
        a.execute("select concat_ws('|', topic, key, headers->>'h', " + CONTENT + ") from howdah.claim('q')").texts())
        .containsExactly("a.b|k|v|00ff image/png");
    a.execute("select howdah.publish_bytes('q', '', 'text/plain; charset=utf-8')");
    assertThat(a.execute("select " + CONTENT + " from howdah.pop('q')").texts())
        .containsExactly(" text/plain; charset=utf-8");
  }

  @Test
  void theyStandAmongMessagesOfJsonInOneStatement() {
    a.execute("""
        select howdah.publish_many('q', array['1', null, '3'], bodies => array[null, '\\x02', null]::bytea[],
          content_types => array[null, 'a/b', null])""");
    a.execute("""
        select howdah.publish_many('q', array_fill(null::text, array[8193]),
          bodies => array_fill('\\x04'::bytea, array[8193]), content_types => array_fill('c/d'::text, array[8193]))""");
    assertThat(a.execute("select coalesce(payload::text, " + CONTENT + ") from howdah.peek('q', 4)").texts())
        .containsExactly("1", "02 a/b", "3", "04 c/d");
    assertThat(a.execute("select ready from howdah.stats('q')").number()).isEqualTo(8_196);
  }

  @Test
  void aRetryADelayADeadLetterAndTheArchiveKeepThem() {
    a.execute("select howdah.publish_bytes('q', '\\x01', 'a/b', delay => '1 min')");
    assertThat(a.execute("select " + CONTENT + " from howdah.scheduled('q')").texts()).containsExactly("01 a/b");
    clock.advance(Duration.ofMinutes(2));
    a.execute("select howdah.settle(token, array[position], '{retry}', '{10 s}') from howdah.claim('q')");
    clock.advance(Duration.ofMinutes(1));
    a.execute("select howdah.settle(token, array[position], '{reject}') from howdah.claim('q')");
    assertThat(a.execute("select " + CONTENT + " from howdah.dead_letters('q')").texts()).containsExactly("01 a/b");
    a.execute("select howdah.redrive('q')");
    a.execute("select howdah.settle(token, array[position], '{archive}') from howdah.claim('q')");
    assertThat(a.execute("select " + CONTENT + " from howdah.archived('q')").texts()).containsExactly("01 a/b");
    a.execute("select howdah.republish_archived('q')");
    assertThat(a.execute("select " + CONTENT + " from howdah.claim('q')").texts()).containsExactly("01 a/b");
  }

  @Test
  void aDeadLetterOfBytesCanBeGivenAPayloadInstead() {
    a.execute("select howdah.publish_bytes('q', '\\x01', 'a/b')");
    String id = a.execute("select id, howdah.settle(token, array[position], '{reject}') from howdah.claim('q')").text();
    a.execute("select howdah.edit_dead_letter('q', ?::uuid, '{\"n\": 1}')", id);
    a.execute("select howdah.redrive('q')");
    assertThat(
        a.execute("select payload::text from howdah.claim('q') where body is null and content_type is null").texts())
        .containsExactly("{\"n\": 1}");
  }

  @Test
  void theyArePublishedOnceInABatchAgainAndByTheRulesOfTheirStream() {
    for (int i = 0; i < 2; i++) {
      a.execute("select howdah.publish_once('q', null, once => 'k', body => '\\x01', content_type => 'a/b')");
      a.execute("""
          select howdah.publish_batch('018f0000-0000-7000-8000-000000010000', 'q', array[null, '2'],
            bodies => array['\\x02', null]::bytea[], content_types => '{c/d, null}')""");
    }
    assertThat(a.execute("select coalesce(payload::text, " + CONTENT + ") from howdah.pop('q', 10)").texts())
        .containsExactly("01 a/b", "02 c/d", "2");
    a.execute("select howdah.alter_stream('q', '{\"ttl\": \"1 hour\", \"headers\": {\"source\": \"shop\"}}')");
    a.execute("select howdah.publish_routed('q', null, body => '\\x03', content_type => 'e/f')");
    assertThat(a.execute("select headers->>'source' || ' ' || " + CONTENT + " from howdah.pop('q')").texts())
        .containsExactly("shop 03 e/f");
  }

  @Test
  void whatIsNeitherOrBothOrTooLargeIsRefused() {
    Refusal.expect("22004", a, "select howdah.publish_bytes('q', null, null)");
    Refusal.expect("22023", a, "select howdah.publish_bytes('q', '\\x01', null)");
    Refusal.expect("22023", a, "select howdah.publish_bytes('q', '\\x01', 'png')");
    Refusal.expect("22023", a, "select howdah.publish_bytes('q', '\\x01', E'image/png\\nx: y')");
    Refusal.expect("22023", a, "select howdah.publish_bytes('q', '\\x01', 'a/' || repeat('b', 254))");
    Refusal.expect("22004", a, "select howdah.publish_many('q', array[null::text], content_types => '{a/b}')");
    Refusal.expect("22023", a, "select howdah.publish_many('q', '{1}', content_types => '{a/b}')");
    Refusal.expect("22023", a, "select howdah.publish_many('q', '{1}', bodies => '{\"\"}', content_types => '{a/b}')");
    Refusal.expect("22023", a, "select howdah.publish_many('q', '{1, 2}', bodies => '{\"\"}')");
    Refusal.expect("22023", a,
        "select howdah.publish_routed('q', '1', body => '\\x01', content_type => 'application/json')");
    a.execute("select howdah.alter_stream('q', '{\"max_payload\": 3}')");
    a.execute("select howdah.publish_bytes('q', '\\x010203', 'a/b')");
    Refusal.expect("22023", a, "select howdah.publish_bytes('q', '\\x01020304', 'a/b')");
    assertThat(a.execute("select ready from howdah.stats('q')").number()).isEqualTo(1);
  }
}
