package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(300)
class CommandsTest {

  @Test
  void queuesAreMadeListedCountedAndDropped(TestDatabase database) {
    String db = database.url();
    run(0, "queue", "create", "orders", "--db", db);
    run(0, "queue", "create", "orders", "--db", db);
    database.query("select howdah.publish('orders', '1')");

    assertThat(run(0, "queue", "list", "--db", db).lines()).containsExactly("orders");
    assertThat(run(0, "queue", "list", "--json", "--db", db).out()).isEqualTo("[\"orders\"]\n");
    assertThat(run(0, "queue", "stats", "--db", db).lines().get(1)).startsWith("orders        orders  queue      1");
    assertThat(run(0, "queue", "stats", "orders", "--json", "--db", db).out()).startsWith(
        "{\"subscription\":\"orders\",\"stream\":\"orders\",\"kind\":\"queue\",\"ready\":1,\"in_flight\":0,");
    assertThat(run(3, "queue", "stats", "other", "--db", db).err()).contains("other");
    assertThat(run(4, "queue", "drop", "orders", "--db", db).err()).contains("orders", "force");
    run(0, "queue", "drop", "orders", "--force", "--db", db);
    assertThat(run(3, "queue", "drop", "orders", "--db", db).err()).contains("does not exist");
    assertThat(run(0, "queue", "list", "--db", db).out()).isEmpty();
  }

  @Test
  void theSchemaComesAndGoes() {
    try (TestDatabase empty = TestServer.shared().createEmptyDatabase()) {
      String db = empty.url();
      assertThat(run(0, "schema", "install", "--db", db).out()).startsWith("schema howdah is at version ")
          .doesNotContain("password");
      assertThat(run(0, "schema", "verify", "--db", db).out()).contains("complete");
      assertThat(run(0, "schema", "verify", "--json", "--db", db).out()).startsWith("{\"clean\":true,");
      empty.query("select howdah.create_queue('q')");
      empty.query("select howdah.publish('q', '1')");
      run(6, "schema", "uninstall", "--db", db);
      run(0, "schema", "uninstall", "--force", "--db", db);
      run(6, "schema", "verify", "--db", db);
      assertThat(run(0, "schema", "print").out()).contains("create schema").contains("commit");
    }
  }

  @Test
  void everyCommandHasHelpAndNoneHidesAnOption() {
    assertThat(run(0, "--help").out()).contains("serve", "publish", "consume", "pop", "peek", "listen", "queue",
        "stream", "subscription", "scheduled", "recurring", "schema", "Exit status:");
    for (String command : List.of("serve", "publish", "consume", "pop", "peek", "listen", "queue", "stream",
        "subscription", "scheduled", "recurring", "schema", "version")) {
      assertThat(run(0, command, "--help").out()).startsWith("Usage: howdah " + command).contains("--verbose");
    }
    assertThat(run(0, "version").out()).startsWith("howdah ");
    assertThat(run(2).err()).contains("Usage: howdah");
    assertThat(run(2, "publsh").err()).contains("publsh", "howdah --help");
    assertThat(run(2, "publish", "q", "--nope").err()).contains("--nope", "howdah publish --help");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
