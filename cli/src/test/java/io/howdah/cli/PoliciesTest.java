package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of messages that fail, from the command line. */
@HowdahTest
@Timeout(300)
class PoliciesTest {

  @Test
  void theyAreGivenChangedAndShown(TestDatabase database) {
    String db = database.url();
    run(0, "queue", "create", "plain", "--db", db);
    run(0, "queue", "create", "listed", "--retry", "500ms,5m", "--max-attempts", "3", "--db", db);
    run(0, "subscription", "create", "own", "--stream", "plain", "--retry", "none", "--after-last", "discard", "--db",
        db);
    assertThat(run(0, "queue", "describe", "plain", "listed", "own", "--json", "--db", db).out()).isEqualTo(
        """
            {"subscription":"plain","stream":"plain","kind":"queue","retry":"1s..1h","jitter":0.1,"max_attempts":20,"after_last":"dead-letter"}
            {"subscription":"listed","stream":"listed","kind":"queue","retry":"500ms,5m","jitter":0.0,"max_attempts":3,"after_last":"dead-letter"}
            {"subscription":"own","stream":"plain","kind":"queue","retry":"none","jitter":0.0,"max_attempts":20,"after_last":"discard"}
            """);
    run(0, "queue", "alter", "listed", "--max-attempts", "infinite", "--jitter", "0.5", "--db", db);
    run(0, "subscription", "alter", "own", "--retry", "2s..1d", "--db", db);
    assertThat(run(0, "queue", "describe", "--db", db).lines()).containsExactlyInAnyOrder(
        "subscription  stream  kind   retry     jitter  max_attempts  after_last",
        "listed        listed  queue  500ms,5m  0.5     infinite      dead-letter",
        "own           plain   queue  2s..1d    0.1     20            discard",
        "plain         plain   queue  1s..1h    0.1     20            dead-letter");
  }

  @Test
  void whatCannotBeIsRefused(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_queue('q')");
    assertThat(run(3, "queue", "alter", "nowhere", "--retry", "none", "--db", db).err()).contains("nowhere");
    assertThat(run(2, "queue", "alter", "q", "--retry", "soon", "--db", db).err()).contains("--retry", "soon");
    assertThat(run(2, "queue", "alter", "q", "--retry", "1h..1s", "--db", db).err()).contains("longer than cap");
    assertThat(run(2, "queue", "alter", "q", "--max-attempts", "0", "--db", db).err()).contains("maxAttempts");
    assertThat(run(2, "queue", "alter", "q", "--max-attempts", "many", "--db", db).err()).contains("--max-attempts");
    assertThat(run(2, "queue", "alter", "q", "--after-last", "block", "--db", db).err())
        .contains("dead-letter or discard");
    assertThat(run(2, "queue", "alter", "q", "--retry", "none", "--jitter", "0.1", "--db", db).err())
        .contains("jitter");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
