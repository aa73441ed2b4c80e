package io.howdah.engine.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is just inside of the limits goes through, and comes out unchanged. */
@HowdahTest
class LimitsTest {
  private final TestDatabase database;

  LimitsTest(TestDatabase database) {
    this.database = database;
    database.query("select howdah.create_queue('q')");
  }

  private void comesThrough(String publish) {
    database.query(publish);
    Claim claim = Claim.of(database, "q", 10);
    assertThat(claim.payloads()).as(publish).hasSize(1);
    claim.done(database);
  }

  @Test
  void theLongestNames() {
    assertThat(database.number("select howdah.create_queue(repeat('a', 255)) - howdah.create_queue(repeat('a', 255))"))
        .isZero();
    database.query("select howdah.publish(repeat('a', 255), '1')");
    assertThat(Claim.of(database, "a".repeat(255), 1).payloads()).containsExactly("1");
    assertThat(database.number("select howdah.create_queue('0a_.:/-Z')")).isPositive();
  }

  @Test
  void theLongestTopicKeyAndHeaders() {
    comesThrough(
        "select howdah.publish('q', '1', repeat('a', 255), repeat('é', 127), json_build_object('h', repeat('x', 16300)))");
    comesThrough("select howdah.publish('q', '1', 'A-Z_0.9', 'a key with spaces, ''quotes'' and \\')");
    comesThrough("select howdah.publish('q', '1', headers => '{}')");
    comesThrough("select howdah.publish('q', '1', headers => '{\"a\":\"\\\\u0000\"}')");
  }

  @Test
  void theLargestPayload() {
    comesThrough("select howdah.publish('q', to_json(repeat('x', 1048574)))");
  }

  @Test
  void theDeepestPayload() {
    comesThrough("select howdah.publish('q', (repeat('[', 512) || repeat(']', 512))::json)");
    comesThrough("""
        select howdah.publish('q', to_json(repeat('[', 2000)))""");
    comesThrough("""
        select howdah.publish('q', json_agg('[\\"'::text)) from generate_series(1, 600)""");
  }

  @Test
  void everyCharacterThatJsonCanHold() {
    comesThrough("""
        select howdah.publish('q', '"\\ud83d\\ude00 \\\\u0000 \\\\ud800 \\u00e9 \\" \\/ \\b"')""");
    comesThrough("select howdah.publish('q', '-0.0e-400')");
  }

  @Test
  void aDelayOfNothingAndOfTenYears() {
    comesThrough("select howdah.publish('q', '1', delay => '0')");
    database.query("select howdah.publish('q', '2', delay => '10 years')");
    assertThat(database.number("select extract(year from age(howdah.next_due('q'), now() - interval '1 day'))::int"))
        .isEqualTo(10);
  }

  @Test
  void ahundredThousandMessages() {
    assertThat(database.number("""
        select cardinality(howdah.publish_many('q', array_fill('1'::text, array[100000])))""")).isEqualTo(100_000);
    assertThat(database.number("select published from howdah.stats('q')")).isGreaterThanOrEqualTo(100_000);
    database.query("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", ":", "urn:order:7.created", "A-Z_a-z.0-9", "_", "-", "a.b.c"})
  void aTopicIsLettersDigitsUnderscoreHyphenAndColonJoinedByDots(String topic) {
    comesThrough("select howdah.publish('q', '1', topic => '" + topic + "')");
    comesThrough("select howdah.publish('q', '1', headers => json_build_object('type', '" + topic + "'))");
    assertThat(database.text("select howdah.topic_matches('" + topic + "', '" + topic + "')")).isEqualTo("true");
    assertThat(database.number("select count(*) from howdah.route('q', '" + topic + "')")).isEqualTo(1);
  }
}
