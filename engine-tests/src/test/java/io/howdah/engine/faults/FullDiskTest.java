package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.schema.Schema;
import io.howdah.testkit.Rows;
import io.howdah.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables lie on a file system of their own, in memory, which is filled up. Needs the right to mount one. */
class FullDiskTest {
  /** Half a megabyte that cannot be compressed. */
  private static final List<Json> BATCH = new Random(1).ints(100, 0, Integer.MAX_VALUE)
      .mapToObj(seed -> new Json('"' + HexFormat.of().formatHex(randomBytes(seed)) + '"')).toList();

  private final TestServer server = TestServer.shared();
  @TempDir
  private Path directory;
  private boolean mounted;

  private static byte[] randomBytes(int seed) {
    byte[] bytes = new byte[2_500];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void mountSmallDisk() throws IOException, InterruptedException, SQLException {
    Path data = server.postgres().dataDirectory();
    String options = "size=48m,mode=0700,uid=%s,gid=%s".formatted(owner(data, "uid"), owner(data, "gid"));
    mounted = run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString());
    assumeTrue(mounted, "needs the right to mount a file system");
    administer("create tablespace small location '" + directory + "'");
    administer("create database small tablespace small");
  }

  private static Object owner(Path data, String which) throws IOException {
    try (var files = Files.walk(data, 3)) {
      Path version = files.filter(file -> file.endsWith("PG_VERSION")).findFirst().orElseThrow();
      return Files.getAttribute(version, "unix:" + which);
    }
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException, SQLException {
    if (mounted) {
      administer("drop database if exists small with (force)");
      administer("drop tablespace if exists small");
      assertThat(run("umount", directory.toString())).isTrue();
    }
  }

  @Test
  void publishFailsWithOneClearErrorStoresNothingAndGoesOnWhenThereIsSpaceAgain() throws IOException {
    DataSource dataSource = server.postgres().dataSource("small");
    Schema.of(dataSource).install();
    try (Howdah howdah = Howdah.open(dataSource)) {
      Queue<Json> queue = howdah.queue("jobs").create();
      queue.publishAll(BATCH);
      Path filler = Files.write(directory.resolve("filler"), new byte[freeBytes() - 400_000]);
      int stored = BATCH.size() + publishUntilRefused(queue);
      assertThat(queue.stats().published()).isEqualTo(stored);

      Files.delete(filler);
      queue.publishAll(BATCH);
      assertThat(queue.stats().published()).isEqualTo(stored + BATCH.size());
      assertThat(queue.claim(1_000, Duration.ofSeconds(30)).deliveries()).hasSize(stored + BATCH.size());
    }
  }

  /** Publishes until the disk is full, looks at the error, and returns how many messages were stored before. */
  private static int publishUntilRefused(Queue<Json> queue) {
    int[] stored = {0};
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> {
      while (stored[0] < 100 * BATCH.size()) {
        queue.publishAll(BATCH);
        stored[0] += BATCH.size();
      }
    }).satisfies(e -> {
      assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(e).hasMessageContaining("No space left on device").hasMessageContaining("Check free disk space");
      assertThat(e.getMessage()).doesNotContain("unknown").doesNotContain(BATCH.getFirst().text().substring(1, 20));
    });
    return stored[0];
  }

  private int freeBytes() throws IOException {
    return Math.toIntExact(Files.getFileStore(directory).getUsableSpace());
  }

  private void administer(String sql) throws SQLException {
    try (Connection connection = server.postgres().dataSource("postgres").getConnection()) {
      Rows.of(connection, sql);
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
  }
}
