package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.embedded.RunningPostgres;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@HowdahTest
@Timeout(300)
class ServeTest {

  private static final int SIGTERM = 128 + 15;

  @TempDir
  private Path folder;

  @Test
  void aBrokerIsFoundByItsDataStopsAtSigtermAndComesBackWithWhatItHeld() throws Exception {
    try (CliProcess broker = CliProcess.start(folder, "serve")) {
      String url = broker.readyUrl();
      Result published = CliProcess.runWithInput(folder, "{\"hello\":\"world\"}\n{\"hello\":\"again\"}\n", "publish",
          "fresh");
      Result consumed = CliProcess.run(folder, "consume", "fresh", "--db", url.substring("jdbc:".length()), "--max",
          "1");

      assertThat(published.err()).contains("queue \"fresh\" did not exist and was made", "published 2 messages");
      assertThat(published.out()).isEmpty();
      assertThat(consumed.lines()).containsExactly("{\"hello\":\"world\"}");
      assertIsPrivate(url);

      Result second = CliProcess.run(folder, "serve");
      assertThat(second.status()).isEqualTo(5);
      assertThat(second.out()).isEmpty();
      assertThat(second.err()).hasLineCount(1).contains(".howdah", "in use");

      Result ended = broker.terminate();
      assertThat(ended.status()).isEqualTo(SIGTERM);
      assertThat(ended.err()).isEmpty();
      assertThat(EmbeddedPostgres.find(folder.resolve(".howdah"))).isEmpty();
    }
    try (CliProcess broker = CliProcess.start(folder, "serve")) {
      broker.readyUrl();

      assertThat(CliProcess.run(folder, "consume", "fresh").lines()).containsExactly("{\"hello\":\"again\"}");
    }
  }

  /** The URL is on stdout and in one file that only its owner reads; nowhere else below the data directory. */
  private void assertIsPrivate(String url) throws IOException {
    String password = url.substring(url.indexOf("password=") + "password=".length());
    try (var files = Files.walk(folder.resolve(".howdah"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(password)) {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).as(file.toString())
              .isEqualTo("rw-------");
          assertThat(file.toString()).doesNotContain("log");
        }
      }
    }
  }

  @Test
  void aPostgresThatWasKilledIsStartedAgain() throws Exception {
    Path data = folder.resolve("data");
    try (CliProcess broker = CliProcess.start(folder, "serve", "--data", data.toString())) {
      broker.readyUrl();
      long killed = EmbeddedPostgres.find(data).orElseThrow().postmasterPid();

      ProcessHandle.of(killed).orElseThrow().destroyForcibly();
      broker.until("started again", () -> EmbeddedPostgres.find(data).map(RunningPostgres::postmasterPid)
          .filter(pid -> pid != killed).isPresent());

      Result published = CliProcess.runWithInput(folder, "1\n", "publish", "q", "--data", data.toString());
      assertThat(published.status()).as(published.err()).isZero();
      assertThat(broker.errText()).contains("has ended by itself; starting it again");
    }
  }

  @Test
  void aKilledBrokerLeavesItsDataAndNoServerInTheWay() throws Exception {
    try (CliProcess broker = CliProcess.start(folder, "serve")) {
      broker.readyUrl();
      CliProcess.runWithInput(folder, "[\"kept\"]\n", "publish", "q");
      broker.kill();
    }
    try (CliProcess broker = CliProcess.start(folder, "serve")) {
      broker.readyUrl();

      assertThat(CliProcess.run(folder, "consume", "q").lines()).containsExactly("[\"kept\"]");
    }
  }

  @Test
  void aPreparedPublishOutlivesItsBrokerAndIsDeliveredWhenItIsCommitted() throws Exception {
    try (CliProcess broker = CliProcess.start(folder, "serve")) {
      execute(broker.readyUrl(), "select howdah.create_queue('xa')",
          "begin; select howdah.publish('xa', '\"prepared\"'); prepare transaction 'two-phase'");
      broker.kill();
    }
    try (CliProcess broker = CliProcess.start(folder, "serve")) {
      String url = broker.readyUrl();
      assertThat(CliProcess.run(folder, "consume", "xa").lines()).isEmpty();

      execute(url, "commit prepared 'two-phase'");

      assertThat(CliProcess.run(folder, "consume", "xa").lines()).containsExactly("\"prepared\"");
    }
  }

  private static void execute(String url, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url); Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Test
  void aPortThatIsTakenIsOneClearLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Result result = CliProcess.run(folder, "serve", "--port", Integer.toString(taken.getLocalPort()));

      assertThat(result.status()).isEqualTo(5);
      assertThat(result.err()).hasLineCount(1).contains(Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void aDataDirectoryThatCannotBeWrittenIsOneClearLine() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");

    Result result = CliProcess.run(folder, "serve", "--data", file.resolve("data").toString());

    assertThat(result.status()).isEqualTo(5);
    assertThat(result.err()).hasLineCount(1).contains("file");
  }

  @Test
  void aNamedDatabaseIsServedInstead(TestDatabase database) throws Exception {
    try (CliProcess broker = CliProcess.start(folder, "serve", "--db", database.url())) {
      broker.until("ready", () -> broker.outText().startsWith("ready db=" + database.url()));
      database.query("select howdah.create_queue('served')");
      database.query("select howdah.publish('served', '1', delay => interval '10 milliseconds')");

      broker.until("promoted", () -> database.number("select ready from howdah.stats('served')") == 1);
      assertThat(Files.exists(folder.resolve(".howdah"))).isFalse();
      assertThat(broker.terminate().status()).isEqualTo(SIGTERM);
    }
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() throws Exception {
    assertThat(CliProcess.call("serve", "--db", "postgresql://localhost/x", "--data", "d").status()).isEqualTo(2);
    assertThat(CliProcess.call("serve", "--db", "postgresql://localhost/x", "--port", "1").status()).isEqualTo(2);
    assertThat(CliProcess.call("serve", "--port", "70000").err()).contains("--port must be between 1 and 65535");
    assertThat(Optional.ofNullable(folder.toFile().list()).orElseThrow()).doesNotContain(".howdah");
  }
}
