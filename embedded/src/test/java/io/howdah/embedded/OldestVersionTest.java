package io.howdah.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OldestVersionTest {
  @TempDir
  Path directory;

  /** The jar comes from the build. */
  @Test
  void theOldestSupportedVersionStartsAndRecovers() throws Exception {
    Path jar = Path.of(System.getProperty("howdah.postgres.oldest"));
    try (EmbeddedPostgres server = EmbeddedPostgres.start(EmbeddedOptions.ephemeral(directory).withBinaries(jar))) {
      assertThat(Sql.value(server, "show server_version")).startsWith("15.");
      assertThat(Sql.value(server, "show data_checksums")).isEqualTo("on");
      Sql.run(server, "create table kept as select 'row' as name");
      server.kill();
      server.restart();
      assertThat(Sql.value(server, "select name from kept")).isEqualTo("row");
    }
  }
}
