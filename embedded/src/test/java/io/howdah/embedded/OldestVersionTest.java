package io.howdah.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar of the oldest supported version comes from the build. */
class OldestVersionTest {
  private static final Path JAR = Path.of(System.getProperty("howdah.postgres.oldest"));

  @TempDir
  Path directory;

  @Test
  void theOldestVersionStartsAndItsDataIsNotOpenedByAnother() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.start(EmbeddedOptions.durable(directory).withBinaries(JAR))) {
      assertThat(Sql.value(server, "show server_version")).startsWith("15.");
      assertThat(Sql.value(server, "show data_checksums")).isEqualTo("on");
      server.kill();
      server.restart();
      assertThat(Sql.value(server, "select 1")).isEqualTo("1");
    }
    assertThatThrownBy(() -> EmbeddedPostgres.start(EmbeddedOptions.durable(directory)))
        .isInstanceOf(EmbeddedException.class).hasMessageContaining("belongs to PostgreSQL 15");
  }
}
