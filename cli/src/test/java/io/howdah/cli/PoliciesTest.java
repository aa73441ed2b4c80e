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
    assertThat(describe(db, "plain")).contains("\"retry\":\"1s..1h\",\"jitter\":0.1", "\"max_attempts\":20",
        "\"after_last\":\"dead-letter\"");
    assertThat(describe(db, "listed")).contains("\"retry\":\"500ms,5m\",\"jitter\":0.0", "\"max_attempts\":3");
    assertThat(describe(db, "own")).contains("\"retry\":\"none\"", "\"after_last\":\"discard\"");
    run(0, "queue", "alter", "listed", "--max-attempts", "infinite", "--jitter", "0.5", "--db", db);
    run(0, "subscription", "alter", "own", "--retry", "2s..1d", "--db", db);
    assertThat(describe(db, "listed")).contains("\"retry\":\"500ms,5m\",\"jitter\":0.5",
        "\"max_attempts\":\"infinite\"");
    assertThat(describe(db, "own")).contains("\"retry\":\"2s..1d\",\"jitter\":0.1");
    assertThat(run(0, "queue", "describe", "own", "--db", db).lines()).hasSize(2).last().asString().contains("2s..1d");
  }

  @Test
  void limitsAreGivenChangedAndShown(TestDatabase database) {
    String db = database.url();
    run(0, "queue", "create", "open", "--db", db);
    assertThat(describe(db, "open"))
        .contains("\"concurrency\":\"infinite\",\"rate\":\"infinite\",\"single_active\":false");
    run(0, "queue", "create", "limited", "--concurrency", "4", "--rate", "100/1m", "--db", db);
    run(0, "queue", "create", "limited", "--db", db);
    run(0, "queue", "create", "limited", "--concurrency", "4", "--db", db);
    assertThat(run(4, "queue", "create", "limited", "--concurrency", "9", "--db", db).err())
        .contains("concurrency 4 and not 9");
    assertThat(run(4, "queue", "create", "limited", "--ordering", "key", "--db", db).err())
        .contains("ordering none and not key");
    assertThat(describe(db, "limited")).contains("\"concurrency\":4,\"rate\":\"100/1m\",\"single_active\":false");
    run(0, "queue", "alter", "limited", "--rate", "infinite", "--single-active", "--db", db);
    assertThat(describe(db, "limited")).contains("\"concurrency\":4,\"rate\":\"infinite\",\"single_active\":true");
    run(0, "subscription", "create", "alone", "--stream", "limited", "--single-active", "--db", db);
    run(0, "subscription", "alter", "alone", "--no-single-active", "--rate", "7", "--db", db);
    assertThat(describe(db, "alone")).contains("\"rate\":\"7/1s\",\"single_active\":false");
    run(0, "queue", "create", "keys", "--stream", "limited", "--bind", "#", "--ordering", "key", "--key-rate", "5/1m",
        "--db", db);
    assertThat(describe(db, "keys")).contains("\"ordering\":\"key\"", "\"key_rate\":\"5/1m\"");
    run(0, "queue", "alter", "keys", "--key-rate", "infinite", "--key-concurrency", "1", "--db", db);
    assertThat(describe(db, "keys")).contains("\"key_concurrency\":1,\"key_rate\":\"infinite\"");
    assertThat(run(2, "queue", "alter", "keys", "--key-concurrency", "2", "--db", db).err()).contains("contradicts");
    assertThat(run(2, "queue", "alter", "limited", "--rate", "fast", "--db", db).err()).contains("--rate", "fast");
    assertThat(run(2, "queue", "alter", "limited", "--rate", "5/10ms", "--db", db).err()).contains("ratePeriod");
    assertThat(run(2, "queue", "alter", "limited", "--concurrency", "0", "--db", db).err()).contains("concurrency");
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
    assertThat(run(2, "queue", "alter", "q", "--after-last", "forget", "--db", db).err())
        .contains("dead-letter, discard or block");
    assertThat(run(2, "queue", "alter", "q", "--after-last", "block", "--db", db).err()).contains("needs an ordering");
    assertThat(run(2, "queue", "alter", "q", "--retry", "none", "--jitter", "0.1", "--db", db).err())
        .contains("jitter");
  }

  private static String describe(String db, String name) {
    return run(0, "queue", "describe", name, "--json", "--db", db).out();
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
