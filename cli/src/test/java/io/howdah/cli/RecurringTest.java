package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(300)
class RecurringTest {

  @Test
  void itIsMadeListedPausedResumedAndDropped(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_queue('reports')");
    String next = run(0, "recurring", "create", "nightly", "reports", "--cron", "30 2 * * *", "--zone", "Europe/Berlin",
        "--payload", "{\"n\":1}", "--key", "k", "--missed", "all", "--db", db).out().strip();
    assertThat(run(0, "recurring", "list", "--db", db).out()).contains("nightly", "30 2 * * *", "Europe/Berlin", next);
    assertThat(run(0, "recurring", "list", "--json", "--db", db).out()).contains("\"missed\":\"all\"", "\"key\":\"k\"",
        "\"next\":\"" + next + "\"");
    run(0, "recurring", "pause", "nightly", "--db", db);
    assertThat(run(0, "recurring", "list", "--db", db).out()).contains("paused");
    assertThat(run(0, "recurring", "resume", "nightly", "--db", db).out().strip()).isEqualTo(next);
    assertThat(run(0, "recurring", "next", "--cron", "@yearly", "--count", "3", "--db", db).lines()).hasSize(3)
        .allMatch(line -> line.endsWith("-01-01T00:00:00Z"));
    run(0, "recurring", "drop", "nightly", "--db", db);
    assertThat(run(3, "recurring", "drop", "nightly", "--db", db).err()).contains("howdah recurring list");
  }

  @Test
  void whatCannotRecurIsRefused(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_queue('reports')");
    String[] good = {"recurring", "create", "x", "reports", "--cron", "@daily", "--payload", "1", "--db", db};
    refuse(good, 5, "* * *", "cron");
    refuse(good, 3, "nowhere", "nowhere");
    refuse(good, 7, "{no", "json");
    assertThat(run(2, "recurring", "next", "--cron", "@daily", "--zone", "Mars", "--db", db).err()).contains("Mars");
  }

  private static void refuse(String[] good, int at, String bad, String why) {
    String[] arguments = good.clone();
    arguments[at] = bad;
    assertThat(run(at == 3 ? 3 : 2, arguments).err()).contains(why);
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
