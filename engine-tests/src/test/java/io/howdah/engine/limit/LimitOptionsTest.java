package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits are options of a queue or subscription. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LimitOptionsTest {
  private final Session a;

  LimitOptionsTest(TestDatabase database) {
    this.a = database.session("a");
  }

  @BeforeEach
  void noQueue() {
    a.execute("select howdah.drop_queue('q', true)");
  }

  private String shown() {
    return a.execute("""
        select concat_ws(' ', options ->> 'concurrency', options ->> 'rate', options ->> 'rate_period',
          options ->> 'single_active', nullif(options ->> 'key_concurrency', 'infinite'),
          nullif(options ->> 'key_rate', 'infinite'), options ->> 'key_rate_period')
        from howdah.describe('q')""").text();
  }

  @Test
  void withoutOptionsNothingIsLimited() {
    a.execute("select howdah.create_queue('q')");
    assertThat(shown()).isEqualTo("infinite infinite false");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      {"concurrency": 5}                                    | 5 infinite false
      {"rate": 100}                                         | infinite 100 PT1S false
      {"rate": 1000000, "rate_period": "24 h"}              | infinite 1000000 PT24H false
      {"single_active": true, "concurrency": 1000000}       | 1000000 infinite true
      {"rate": "infinite", "concurrency": "infinite"}       | infinite infinite false
      {"key_concurrency": 3}                                | infinite infinite false 3
      {"key_rate": 5}                                       | infinite infinite false 5 PT1S
      {"key_rate": 5, "key_rate_period": "1 h", "rate": 9, "key_concurrency": 2} | infinite 9 PT1S false 2 5 PT1H
      {"ordering": "key", "key_concurrency": 1, "key_rate": 7} | infinite infinite false 1 7 PT1S
      {"ordering": "strict", "key_concurrency": 1}          | infinite infinite false 1
      {"ordering": "strict", "key_rate": "infinite"}        | infinite infinite false
      """)
  void describeShowsThemAndTakesThemAgain(String options, String shown) {
    a.execute("select howdah.create_queue('q', ?::json)", options);
    assertThat(shown()).isEqualTo(shown);
    String described = a.execute("select options::text from howdah.describe('q')").text();
    a.execute("select howdah.alter_queue('q', '{\"rate\": 7, \"rate_period\": \"1 min\", \"single_active\": false}')");
    assertThat(shown()).contains("7 PT1M false");
    a.execute("select howdah.alter_queue('q', ?::json)", described);
    assertThat(shown()).isEqualTo(shown);
  }

  @Test
  void alterChangesOnlyWhatIsNamedAndInfiniteTakesALimitAway() {
    a.execute("select howdah.create_queue('q', '{\"rate\": 10, \"rate_period\": \"1 h\", \"concurrency\": 3}')");
    a.execute("select howdah.alter_queue('q', '{\"rate\": 20}')");
    assertThat(shown()).isEqualTo("3 20 PT1H false");
    a.execute("select howdah.alter_subscription('q', '{\"rate_period\": \"2 h\", \"single_active\": true}')");
    assertThat(shown()).isEqualTo("3 20 PT2H true");
    a.execute("select howdah.alter_queue('q', '{\"rate\": \"infinite\", \"concurrency\": \"infinite\"}')");
    assertThat(shown()).isEqualTo("infinite infinite true");
    a.execute("select howdah.alter_queue('q', '{\"max_attempts\": 3}')");
    assertThat(shown()).isEqualTo("infinite infinite true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"concurrency\": 0}", "{\"concurrency\": -1}", "{\"concurrency\": 1.5}",
      "{\"concurrency\": 1000001}", "{\"concurrency\": null}", "{\"concurrency\": \"5\"}", "{\"rate\": 0}",
      "{\"rate\": 1e9}", "{\"rate\": \"fast\"}", "{\"rate\": 5, \"rate_period\": 1}", "{\"rate_period\": \"1 s\"}",
      "{\"rate\": \"infinite\", \"rate_period\": \"1 s\"}", "{\"rate\": 5, \"rate_period\": \"999 ms\"}",
      "{\"rate\": 5, \"rate_period\": \"25 h\"}", "{\"rate\": 5, \"rate_period\": \"soon\"}",
      "{\"rate\": 5, \"rate_period\": null}", "{\"single_active\": 1}", "{\"single_active\": \"true\"}",
      "{\"single_active\": null}", "{\"concurency\": 1}", "{\"key_concurrency\": 0}", "{\"key_concurrency\": true}",
      "{\"key_rate\": 1.5}", "{\"key_rate\": null}", "{\"key_rate_period\": \"1 min\"}",
      "{\"key_rate\": 5, \"key_rate_period\": \"25 h\"}", "{\"key_rate\": 5, \"key_rate_period\": 7}"})
  void whatCannotBeIsRefused(String options) {
    Refusal.expect("22023", a, "select howdah.create_queue('q', ?::json)", options);
    a.execute("select howdah.create_queue('q')");
    Refusal.expect("22023", a, "select howdah.alter_queue('q', ?::json)", options);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      key    | {"key_concurrency": 2} | key_concurrency 2 contradicts ordering key
      strict | {"key_concurrency": 5} | key_concurrency 5 contradicts ordering strict
      job    | {"key_concurrency": 2} | key_concurrency 2 contradicts ordering job
      strict | {"key_rate": 5}        | key_rate contradicts ordering strict
      """)
  void limitsOfKeysThatContradictTheOrderAreRefused(String ordering, String options, String message) {
    String all = options.replace("{", "{\"ordering\": \"" + ordering + "\", ");
    Refusal.expect("22023", a, "select howdah.create_queue('q', ?::json)", all);
    a.execute("select howdah.create_queue('q', json_build_object('ordering', ?::text))", ordering);
    assertThatThrownBy(() -> a.execute("select howdah.alter_queue('q', ?::json)", options))
        .hasMessageContaining(message);
  }

  @Test
  void aSubscriptionOfAStreamHasItsOwn() {
    a.execute("select howdah.create_queue('q')");
    a.execute("select howdah.create_subscription('slow', 'q', options => '{\"rate\": 3}')");
    assertThat(a.execute("select options ->> 'rate' from howdah.describe('slow')").text()).isEqualTo("3");
    assertThat(shown()).isEqualTo("infinite infinite false");
    a.execute("select howdah.drop_subscription('slow')");
  }
}
