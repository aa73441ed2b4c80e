package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with the database is one line on stderr, an exit status, and nothing else. */
@HowdahTest
@Timeout(300)
class BadDatabaseTest {

  private static final String NOBODY = "postgresql://127.0.0.1:1/x?user=u&password=secret";

  @TempDir
  private Path folder;

  @Test
  void nobodyListens() throws Exception {
    for (List<String> command : List.of(List.of("publish", "q"), List.of("consume", "q"), List.of("queue", "list"),
        List.of("schema", "install"), List.of("serve"))) {
      assertOneLine(5, command, NOBODY, "refused");
    }
  }

  @Test
  void noBrokerRunsOnTheData() throws Exception {
    Result result = CliProcess.call("consume", "q", "--data", folder.toString());

    assertThat(result.status()).isEqualTo(5);
    assertThat(result.err()).contains("no broker runs on " + folder + "; start one with howdah serve");
  }

  @Test
  void thePasswordIsWrong(TestDatabase database) throws Exception {
    assertOneLine(7, List.of("queue", "list"), database.url().replaceAll("password=.*", "password=secret"), "password");
  }

  @Test
  void theSchemaIsMissing() throws Exception {
    try (TestDatabase empty = TestServer.shared().createEmptyDatabase()) {
      assertOneLine(6, List.of("publish", "q"), empty.url(), "howdah schema install");
      assertOneLine(6, List.of("consume", "q"), empty.url(), "howdah schema install");

      Result verified = CliProcess.call("schema", "verify", "--db", empty.url());
      assertThat(verified.status()).isEqualTo(6);
      assertThat(verified.out()).contains("not installed");
    }
  }

  @Test
  void theSchemaIsOfAnotherVersion(TestDatabase database) throws Exception {
    database.sabotage("schema_version", "select 1", "select 99");
    try {
      assertOneLine(6, List.of("consume", "q"), database.url(), "99");
      Result verified = CliProcess.call("schema", "verify", "--db", database.url());
      assertThat(verified.status()).isEqualTo(6);
      assertThat(verified.out()).contains("changed: ", "schema_version");
    } finally {
      database.heal();
    }
  }

  private void assertOneLine(int status, List<String> command, String url, String text) throws Exception {
    String[] arguments = Stream.concat(command.stream(), List.of("--db", url).stream()).toArray(String[]::new);
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines().filter(line -> line.startsWith("howdah: "))).hasSize(1).first().asString()
        .contains(text);
    assertThat(result.err()).doesNotContain("\tat ").doesNotContain("secret");
  }
}
