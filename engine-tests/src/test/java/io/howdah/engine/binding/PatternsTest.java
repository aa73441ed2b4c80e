package io.howdah.engine.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.TopicPattern;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One table for both matchers. NONE is a message without a topic. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PatternsTest {
  private final Session a;

  PatternsTest(TestDatabase database) {
    this.a = database.session("a");
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource(nullValues = "NONE", value = {
      // whole words, case, length
      "a.b, a.b, true", "a.b, a, false", "a.b, a.b.c, false", "a, A, false", "A.b, a.b, false", "order, orders, false",
      "a-b_c:d.1, a-b_c:d.1, true", "a.b, aXb, false", "a, NONE, false",
      // * is exactly one word
      "*, a, true", "*, a.b, false", "*, NONE, false", "a.*, a.b, true", "a.*, a, false", "a.*, a.b.c, false",
      "*.b, a.b, true", "*.b, b, false", "*.*, a.b, true", "*.*, a, false", "a.*.c, a.b.c, true", "a.*.c, a.c, false",
      "a.*.c, a.b.b.c, false", "*.orange.*, quick.orange.rabbit, true", "*.orange.*, quick.orange.male.rabbit, false",
      "*.*.rabbit, lazy.orange.rabbit, true", "*.*.rabbit, lazy.rabbit, false",
      // # is zero or more words
      "#, a, true", "#, a.b.c, true", "#, NONE, true", "logs.#, logs, true", "logs.#, logs.a, true",
      "logs.#, logs.a.b, true", "logs.#, logsx, false", "logs.#, log, false", "#.error, error, true",
      "#.error, a.b.error, true", "#.error, a.errors, false", "a.#.b, a.b, true", "a.#.b, a.x.b, true",
      "a.#.b, a.x.y.b, true", "a.#.b, a.b.b, true", "a.#.b, a.b.c, false", "a.#.b, a, false", "a.#.b, b, false",
      "lazy.#, lazy.orange.male.rabbit, true",
      // together
      "#.*, a, true", "#.*, a.b, true", "#.*, NONE, false", "*.#, a, true", "*.#, NONE, false", "#.#, NONE, true",
      "#.#, a.b, true", "#.*.#.*, a, false", "#.*.#.*, a.b, true", "#.*.#.*, a.b.c, true", "*.#.b, b, false",
      "*.#.b, a.b, true", "#.a.#, x.a.y, true", "#.a.#, a, true", "#.a.#, x.b.y, false", "#.a.#.a, a, false",
      "#.a.#.a, a.a, true", "#.a.*.#.c, b.a.x.c, true", "#.a.*.#.c, b.a.c, false"})
  void bothMatchersAgree(String pattern, @Nullable String topic, boolean matches) {
    assertThat(TopicPattern.of(pattern).matches(topic)).as("Java").isEqualTo(matches);
    assertThat(a.execute("select howdah.topic_matches(?, ?)", pattern, topic).text()).as("SQL")
        .isEqualTo(String.valueOf(matches));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "a*", "*a", "a.b*", "a.#b", "##", "**", "a b", "a,b", "é",
      "a.b\n", "a/b", "a.%", "(a|b)", "a\\.b", "[a]"})
  void whatIsNoPatternIsRefused(String pattern) {
    Refusal.expect("22023", a, "select howdah.topic_matches(?, 'a')", pattern);
    Refusal.expect("22023", a, "select howdah.bind('any', ?)", pattern);
    assertThatThrownBy(() -> TopicPattern.of(pattern)).isInstanceOfSatisfying(HowdahException.class,
        e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
  }

  @Test
  void theErrorSaysWhatIsWrong() {
    assertThatThrownBy(() -> a.execute("select howdah.bind('any', 'order.*x')")).hasMessageContaining("order.*x")
        .hasMessageContaining("* and # stand for whole words");
    assertThatThrownBy(() -> TopicPattern.of("order.*x")).hasMessageContaining("order.*x")
        .hasMessageContaining("* and # stand for whole words");
    Refusal.expect("22023", a, "select howdah.bind('any', repeat('a', 256))");
    Refusal.expect("22023", a, "select howdah.bind('any', null)");
    assertThatThrownBy(() -> TopicPattern.of("a".repeat(256))).isInstanceOf(HowdahException.class);
  }

  @Test
  void aPatternOfManyWildcardsIsMatchedInTime() {
    String pattern = "#.a.*." + "#.a.".repeat(60) + "b";
    String topic = "a.".repeat(120) + "c";
    assertThat(TopicPattern.of(pattern).matches(topic)).isFalse();
    assertThat(a.execute("select howdah.topic_matches(?, ?)", pattern, topic).text()).isEqualTo("false");
  }
}
