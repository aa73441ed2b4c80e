package io.howdah.engine.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.DatabaseException;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input: one clear error, nothing stored. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusedPublishTest {
  private static final String INVALID = "22023";
  private final Session session;

  RefusedPublishTest(TestDatabase database) {
    session = database.session("publisher");
    session.execute("select howdah.create_queue('q')");
  }

  @AfterEach
  void nothingWasStored() {
    assertThat(session.execute("select (select count(*) from howdah.log) + (select count(*) from howdah.due)").number())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown", "", "~q", "Q", "q "})
  void aStreamThatDoesNotExist(String name) {
    Refusal.expect("HD404", session, "select howdah.publish(?, '1')", name);
  }

  @Test
  void noStreamAtAll() {
    Refusal.expect("HD404", session, "select howdah.publish(null, '1')");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "a b", "a/b", "ä", "a\n", "*", "a.*", "'"})
  void aMalformedTopic(String topic) {
    Refusal.expect(INVALID, session, "select howdah.publish('q', '1', topic => ?)", topic);
    Refusal.expect(INVALID, session, "select howdah.publish_many('q', array['1', '2'], array[null, ?])", topic);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"type\":\"a b\"}", "{\"type\":\"\"}", "{\"\\u0074ype\":\"a b\"}",
      "{\"t\\u0079pe\":\"*\"}"})
  void aTypeHeaderThatIsNoTopic(String headers) {
    Refusal.expect(INVALID, session, "select howdah.publish('q', '1', headers => ?::json)", headers);
  }

  @Test
  void topicsKeysAndHeadersThatAreTooLong() {
    Refusal.expect(INVALID, session, "select howdah.publish('q', '1', topic => repeat('a', 256))");
    Refusal.expect(INVALID, session,
        "select howdah.publish('q', '1', headers => json_build_object('type', repeat('a', 256)))");
    Refusal.expect(INVALID, session, "select howdah.publish('q', '1', key => repeat('a', 256))");
    Refusal.expect(INVALID, session, "select howdah.publish('q', '1', key => repeat('é', 128))");
    Refusal.expect(INVALID, session,
        "select howdah.publish('q', '1', headers => json_build_object('a', repeat('a', 16384)))");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\tb", "a\nb", "\u0001", "a\u007f", "\u001b[31m"})
  void aKeyThatIsEmptyOrHasControlCharacters(String key) {
    Refusal.expect(INVALID, session, "select howdah.publish('q', '1', key => ?)", key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "null", "\"a\"", "{\"a\":1}", "{\"a\":null}", "{\"a\":{}}", "{\"a\":[\"b\"]}",
      "{\"a\":\"b\",\"c\":true}", "{\"a\":\"\\u0000\"}", "{\"\\u0000\":\"a\"}"})
  void headersThatAreNoObjectOfTexts(String headers) {
    Refusal.expect(INVALID, session, "select howdah.publish('q', '1', headers => ?::json)", headers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":\"\\ud800\"}", "{\"\\udc00\":\"a\"}"})
  void headersWithHalfOfACharacter(String headers) {
    Refusal.expectOfServer("22P02", session, "select howdah.publish('q', '1', headers => ?::json)", headers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{'a':1}", "nul", "1,", "{\"a\":01}", "\"a\nb\"", "NaN", "\"\\x\""})
  void aPayloadThatIsNoJson(String payload) {
    Refusal.expectOfServer("22P02", session, "select howdah.publish('q', ?::json)", payload);
    Refusal.expectOfServer("22P02", session, "select howdah.publish_many('q', array['1', ?])", payload);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\\u0000\"", "{\"a\":\"x\\u0000\"}", "\"\\ud800\"", "\"\\udc00\\ud800\"",
      "\"\\ud800\\\\udc00\"", "\"\\\\\\u0000\"", "{\"\\uDFFF\":1}"})
  void aPayloadWithAnEscapeThatNobodyCanRead(String payload) {
    Refusal.expect("22P05", session, "select howdah.publish('q', ?::json)", payload);
  }

  @Test
  void noPayload() {
    Refusal.expect("22004", session, "select howdah.publish('q', null)");
    Refusal.expect("22004", session, "select howdah.publish_many('q', array['1', null])");
  }

  @Test
  void aPayloadThatIsTooLarge() {
    Refusal.expect(INVALID, session, "select howdah.publish('q', to_json(repeat('x', 1048575)))");
    Refusal.expect(INVALID, session,
        "select howdah.publish_many('q', array['1', '\"' || repeat('é', 600000) || '\"'])");
  }

  @Test
  void aPayloadThatIsNestedTooDeep() {
    Refusal.expect(INVALID, session, "select howdah.publish('q', (repeat('[', 513) || repeat(']', 513))::json)");
    Refusal.expect(INVALID, session, """
        select howdah.publish('q', (repeat('{"a":[', 300) || '"]}"' || repeat(']}', 300))::json)""");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1 s", "-1 us", "3660 days 1 s", "1000 years", "1 day -25:00"})
  void aDelayOutOfRange(String delay) {
    Refusal.expect(INVALID, session, "select howdah.publish('q', '1', delay => ?::interval)", delay);
    Refusal.expect(INVALID, session,
        "select howdah.publish_many('q', array['1', '2'], delays => array[null, ?::interval])", delay);
  }

  @Test
  void tooFewOrTooManyMessages() {
    Refusal.expect(INVALID, session, "select howdah.publish_many('q', null)");
    Refusal.expect(INVALID, session, "select howdah.publish_many('q', '{}')");
    Refusal.expect(INVALID, session, "select howdah.publish_many('q', array_fill('1'::text, array[100001]))");
  }

  @Test
  void arraysOfDifferentLengths() {
    Refusal.expect(INVALID, session, "select howdah.publish_many('q', array['1', '2'], topics => array['a'])");
    Refusal.expect(INVALID, session, "select howdah.publish_many('q', array['1', '2'], keys => array['a', 'b', 'c'])");
    Refusal.expect(INVALID, session, "select howdah.publish_many('q', array['1', '2'], headers => '{}')");
    Refusal.expect(INVALID, session,
        "select howdah.publish_many('q', array['1', '2'], delays => array['1 s'::interval])");
    Refusal.expect(INVALID, session, "select howdah.publish_many('q', array[['1', '2'], ['3', '4']])");
  }

  @Test
  void theErrorNamesTheMessageAndNeverShowsItsContent() {
    Refusal.expect(INVALID, session,
        "select howdah.publish_many('q', array['1', '2'], keys => array['fine', 'secret' || chr(7)])");
    try {
      session.execute("select howdah.publish_many('q', array['1', '2'], keys => array['fine', 'secret' || chr(7)])");
    } catch (DatabaseException e) {
      assertThat(String.valueOf(e.getCause().getMessage())).contains("message 2 of 2").doesNotContain("secret");
    }
  }
}
