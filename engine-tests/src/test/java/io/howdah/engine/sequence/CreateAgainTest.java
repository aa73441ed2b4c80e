package io.howdah.engine.sequence;

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

/** To create again what exists asks whether it is as the options say. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CreateAgainTest {
  private final Session a;

  CreateAgainTest(TestDatabase database) {
    this.a = database.session("a");
  }

  @BeforeEach
  void allOfThemExist() {
    a.execute("select howdah.drop_queue('q', true), howdah.drop_queue('jobs', true), howdah.drop_stream('s', true)");
    a.execute("select howdah.create_queue('q'), howdah.create_job_scope('jobs'), howdah.create_stream('s')");
    a.execute("select howdah.create_subscription('r', 's'), howdah.create_bound_queue('b', 's', '{a}')");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{\"rate\": 0}", "{\"partition\": \"3 of 2\"}", "{\"expires_after\": \"-1 s\"}",
      "{\"nonsense\": 1}", "{\"ttl\": \"soon\"}", "{\"max_attempts\": 0}"})
  void anOptionThatCannotBeIsRefusedAlthoughItIsThere(String options) {
    Refusal.expect("22023", a, "select howdah.create_queue('q', ?::json)", options);
    Refusal.expect("22023", a, "select howdah.create_queue('b', ?::json)", options);
    Refusal.expect("22023", a, "select howdah.create_job_scope('jobs', ?::json)", options);
    Refusal.expect("22023", a, "select howdah.create_subscription('r', 's', options => ?::json)", options);
    Refusal.expect("22023", a, "select howdah.create_stream('s', options => ?::json)",
        options.contains("ttl") ? options : "{\"max_payload\": 0}");
    Refusal.expect("22023", a, "select howdah.create_bound_queue('b', 's', '{a..b}')");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      {"ordering": "key"}      | ordering none and not key     | drop the queue
      {"max_attempts": 3}      | max_attempts 20 and not 3     | howdah.alter_queue
      {"ttl": "1 hour"}        | ttl infinite and not PT1H     | howdah.alter_queue
      {"rate": 5}              | rate infinite and not 5       | howdah.alter_queue
      """)
  void anOptionThatItHasNotIsToldWithWhatItHasAndWhatToDo(String options, String difference, String hint) {
    assertThatThrownBy(() -> a.execute("select howdah.create_queue('q', ?::json)", options))
        .hasMessageContainingAll("queue \"q\" exists already, with " + difference, hint);
    Refusal.expect("HD409", a, "select howdah.create_queue('q', ?::json)", options);
  }

  @Test
  void streamsSubscriptionsAndScopesAreAskedTheSame() {
    Refusal.expect("HD409", a, "select howdah.create_stream('s', '3 days')");
    Refusal.expect("HD409", a, "select howdah.create_stream('s', options => '{\"unroutable\": \"drop\"}')");
    Refusal.expect("HD409", a, "select howdah.create_subscription('r', 's', options => '{\"ordering\": \"strict\"}')");
    Refusal.expect("HD409", a, "select howdah.create_job_scope('jobs', '{\"archive_retention\": \"1 day\"}')");
    Refusal.expect("HD409", a, "select howdah.create_queue('b', '{\"max_attempts\": 3}')");
    Refusal.expect("HD409", a, "select howdah.create_bound_queue('b', 's', '{a}', '{\"max_attempts\": 3}')");
    Refusal.expect("HD409", a, "select howdah.create_queue('b', '{\"ttl\": \"1 hour\"}')");
  }

  @Test
  void whatIsNotGivenMayHaveBeenChangedAndTheSameAgainIsFine() {
    a.execute(
        "select howdah.alter_queue('q', '{\"max_attempts\": 3, \"backoff\": \"fixed\", \"delay\": \"60 s\", \"ttl\": \"60 min\"}')");
    a.execute("select howdah.alter_queue('jobs', '{\"archive_retention\": \"30 days\"}')");
    a.execute("select howdah.alter_stream('s', '{\"retention\": \"48 hours\"}')");
    a.execute("select howdah.create_queue('q'), howdah.create_queue('q', '{}'), howdah.create_job_scope('jobs')");
    a.execute(
        "select howdah.create_queue('q', '{\"max_attempts\": 3, \"backoff\": \"fixed\", \"delay\": \"1 min\", \"ttl\": \"1 hour\"}')");
    a.execute("select howdah.create_job('jobs', 'a', 'do')");
    a.execute("select howdah.create_stream('s'), howdah.create_stream('s', '2 days')");
    a.execute("select howdah.create_queue('q', (select options from howdah.describe('q')))");
    assertThat(a.execute("select options ->> 'max_attempts' from howdah.describe('q')").text()).isEqualTo("3");
  }
}
