package io.howdah.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerLogTest {
  @TempDir
  Path directory;

  @Test
  void itNeverTakesMoreThanTwiceItsBound() throws Exception {
    Path file = directory.resolve("log");
    String line = "x".repeat(99_999);
    try (ServerLog log = new ServerLog(file)) {
      for (int i = 0; i < 300; i++) {
        log.append(i + " " + line);
      }
    }
    assertThat(Files.size(file)).isBetween(1L, ServerLog.MAX_BYTES);
    assertThat(Files.size(directory.resolve("log.1"))).isBetween(ServerLog.MAX_BYTES / 2, ServerLog.MAX_BYTES);
    assertThat(Files.readString(file)).contains("299 x");
  }

  @Test
  void itGoesOnWhereItEndedAndRemembersTheLastLines() throws Exception {
    ServerLog log = new ServerLog(directory.resolve("log"));
    log.append("one");
    log.close();
    log.append("two");
    log.close();
    assertThat(Files.readString(log.file())).isEqualTo("one\ntwo\n");
    assertThat(log.lastLines()).isEqualTo(List.of("one", "two"));
  }

  @Test
  void aFullDiskLosesLinesButStopsNothing() {
    try (SmallDisk disk = SmallDisk.mount(directory, "size=64k")) {
      ServerLog log = new ServerLog(disk.directory().resolve("log"));
      for (int i = 0; i < 100; i++) {
        log.append("x".repeat(1000));
      }
      log.append("last");
      log.close();
      assertThat(log.lastLines()).endsWith("last");
    }
  }
}
