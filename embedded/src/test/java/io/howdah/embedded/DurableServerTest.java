package io.howdah.embedded;

import static io.howdah.embedded.Sql.run;
import static io.howdah.embedded.Sql.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One data directory for all of these, because making one is what takes the time. */
class DurableServerTest {
  @TempDir
  static Path directory;
  EmbeddedPostgres server;

  /** As a process leaves it that is killed in the middle of its first start. */
  @BeforeAll
  static void leaveAHalfMadeDatabase() throws Exception {
    ServerState.create().write(directory.resolve("howdah.properties"));
    Files.createDirectories(directory.resolve("pgdata.new.1/base/1"));
    Files.writeString(directory.resolve("pgdata.new.1/base/1/112"), "half");
    Files.createFile(directory.resolve("password"));
  }

  @BeforeEach
  void start() throws Exception {
    server = EmbeddedPostgres.start(EmbeddedOptions.durable(directory));
    run(server, "drop table if exists kept");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void nothingIsLeftOfTheHalfMadeDatabase() {
    assertThat(directory).isDirectoryNotContaining("glob:**/pgdata.new*").isDirectoryNotContaining("glob:**/password");
  }

  @Test
  void theNextStartHasTheSameDataPortAndPassword() throws Exception {
    assertThat(value(server, "show fsync") + value(server, "show synchronous_commit")).isEqualTo("onon");
    run(server, "create table kept as select 'row' as name");
    String url = server.jdbcUrl("postgres");
    server.close();
    assertThat(EmbeddedPostgres.find(directory)).isEmpty();
    server = EmbeddedPostgres.start(EmbeddedOptions.durable(directory));
    assertThat(server.jdbcUrl("postgres")).isEqualTo(url);
    assertThat(value(server, "select name from kept")).isEqualTo("row");
  }

  @Test
  void aRestartAfterAKillKeepsWhatWasCommitted() throws Exception {
    run(server, "create table kept as select 'row' as name");
    server.kill();
    assertThat(server.isRunning()).isFalse();
    server.restart();
    assertThat(value(server, "select name from kept")).isEqualTo("row");
    server.restart();
    assertThat(value(server, "select name from kept")).isEqualTo("row");
  }

  @Test
  void aSecondStartIsRefusedAndHarmless() throws Exception {
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> EmbeddedPostgres.start(EmbeddedOptions.durable(directory)))
          .isInstanceOf(EmbeddedException.class).hasMessageContaining(directory.toString())
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
    }
    try (OtherProcess other = OtherProcess.start("durable", directory)) {
      assertThat(other.firstLine()).contains(directory.toString())
          .contains("in use by process " + ProcessHandle.current().pid());
    }
    assertThat(value(server, "select 1")).isEqualTo("1");
  }

  @Test
  void findGivesWhatIsNeededToLogOn() throws Exception {
    RunningPostgres found = EmbeddedPostgres.find(directory).orElseThrow();
    assertThat(found.jdbcUrl("postgres")).isEqualTo(server.jdbcUrl("postgres"));
    assertThat(found.postmasterPid()).isEqualTo(server.postmasterPid());
    server.kill();
    assertThat(EmbeddedPostgres.find(directory)).isEmpty();
  }

  @Test
  void aPortThatIsTakenMeanwhileIsReplacedUnlessItWasAskedFor() throws Exception {
    int port = server.port();
    server.close();
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> EmbeddedPostgres.start(EmbeddedOptions.durable(directory).withPort(port)))
          .isInstanceOf(EmbeddedException.class).hasMessageContaining("port " + port + " is in use");
      server = EmbeddedPostgres.start(EmbeddedOptions.durable(directory));
      assertThat(server.port()).isNotEqualTo(taken.getLocalPort());
    }
  }

  @Test
  void aProcessThatGotTheNumberOfTheOldServerIsLeftAlone() throws Exception {
    server.kill();
    server.close();
    Path file = directory.resolve("pgdata/postmaster.pid");
    Process bystander = new ProcessBuilder("sleep", "60").start();
    try {
      List<String> lines = Files.readAllLines(file);
      lines.set(0, Long.toString(bystander.pid()));
      Files.write(file, lines);
      server = EmbeddedPostgres.start(EmbeddedOptions.durable(directory));
      assertThat(value(server, "select 1")).isEqualTo("1");
      assertThat(bystander.isAlive()).isTrue();
    } finally {
      bystander.destroyForcibly();
    }
  }

  @Test
  void noPayloadGetsIntoItsLog() throws Exception {
    assertThatThrownBy(() -> run(server, "select '{\"card\": \"4111-1111\", oops}'::json"))
        .isInstanceOf(SQLException.class);
    run(server, "create table seen (card text primary key)");
    run(server, "insert into seen values ('4111-1111')");
    assertThatThrownBy(() -> run(server, "insert into seen values ('4111-1111')")).isInstanceOf(SQLException.class)
        .hasMessageContaining("4111-1111");
    server.close();
    String log = Files.readString(directory.resolve("log/postgresql.log"));
    assertThat(log).contains("invalid input syntax for type json", "duplicate key value").doesNotContain("4111");
  }

  @Test
  void anInterruptedThreadStillStopsItOnClose() {
    Thread.currentThread().interrupt();
    server.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(server.isRunning()).isFalse();
    assertThat(EmbeddedPostgres.find(directory)).isEmpty();
  }

  @Test
  void ownersSettingsInPostgresqlConfAreKept() throws Exception {
    server.close();
    Path conf = directory.resolve("pgdata/postgresql.conf");
    Files.writeString(conf, Files.readString(conf) + "work_mem = '7MB'\n");
    server = EmbeddedPostgres.start(EmbeddedOptions.durable(directory));
    assertThat(value(server, "show work_mem")).isEqualTo("7MB");
  }

  @Test
  void anotherMajorVersionIsRefused() throws Exception {
    server.close();
    Path version = directory.resolve("pgdata/PG_VERSION");
    String own = Files.readString(version);
    Files.writeString(version, "15\n");
    assertThatThrownBy(() -> EmbeddedPostgres.start(EmbeddedOptions.durable(directory)))
        .isInstanceOf(EmbeddedException.class).hasMessageContainingAll(directory.toString(), "belongs to PostgreSQL 15",
            "binaries are PostgreSQL " + own.strip());
    Files.writeString(version, own);
  }
}
