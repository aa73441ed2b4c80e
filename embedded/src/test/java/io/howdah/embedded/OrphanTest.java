package io.howdah.embedded;

import static io.howdah.embedded.Sql.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server ends with the process that owns it. */
class OrphanTest {
  private static final Duration BOUND = Duration.ofSeconds(20);

  /** Of all durable servers here, one after the other. */
  @TempDir
  static Path directory;
  @TempDir
  Path parent;

  @Test
  void aKilledProcessLeavesNoEphemeralServerAndNoFiles() throws Exception {
    try (OtherProcess owner = OtherProcess.start("ephemeral", parent)) {
      String[] line = owner.firstLine().split(" ");
      Path data = Path.of(line[2]);
      assertThat(data).isDirectory();
      ProcessHandle guard = ProcessHandle.of(Long.parseLong(line[0])).flatMap(ProcessHandle::parent).orElseThrow();
      ProcessHandle watcher = guard.children().filter(child -> child.pid() != Long.parseLong(line[0])).findFirst()
          .orElseThrow();
      owner.kill();
      assertThat(OtherProcess.isGone(Long.parseLong(line[0]), BOUND)).isTrue();
      assertThat(OtherProcess.isGone(watcher.pid(), BOUND)).isTrue();
      assertThat(data).doesNotExist();
    }
  }

  @Test
  void aProcessThatEndsWithoutClosingLeavesNoServer() throws Exception {
    try (OtherProcess owner = OtherProcess.start("durable", directory)) {
      long server = Long.parseLong(owner.firstLine().split(" ")[0]);
      owner.letEnd();
      assertThat(OtherProcess.isGone(server, BOUND)).isTrue();
    }
  }

  @Test
  void afterAKillTheNextOwnerOfADurableServerStartsAtOnce() throws Exception {
    try (OtherProcess owner = OtherProcess.start("durable", directory)) {
      long first = Long.parseLong(owner.firstLine().split(" ")[0]);
      assertThat(EmbeddedPostgres.find(directory).orElseThrow().postmasterPid()).isEqualTo(first);
      owner.kill();
      try (EmbeddedPostgres next = EmbeddedPostgres.start(EmbeddedOptions.durable(directory))) {
        assertThat(value(next, "select 1")).isEqualTo("1");
        assertThat(next.postmasterPid()).isNotEqualTo(first);
        assertThat(ProcessHandle.of(first)).isEmpty();
        assertThat(Files.exists(directory.resolve("pgdata/postmaster.pid"))).isTrue();
      }
    }
  }

  @Test
  void aServerThatLostItsGuardTooIsStoppedByTheNextOwner() throws Exception {
    try (OtherProcess owner = OtherProcess.start("durable", directory)) {
      ProcessHandle server = ProcessHandle.of(Long.parseLong(owner.firstLine().split(" ")[0])).orElseThrow();
      ProcessHandle guard = server.parent().orElseThrow();
      guard.children().filter(child -> child.pid() != server.pid()).forEach(ProcessHandle::destroyForcibly);
      guard.destroyForcibly();
      owner.kill();
      assertThat(server.isAlive()).isTrue();
      try (EmbeddedPostgres next = EmbeddedPostgres.start(EmbeddedOptions.durable(directory))) {
        assertThat(server.isAlive()).isFalse();
        assertThat(value(next, "select 1")).isEqualTo("1");
      }
    }
  }
}
