package io.howdah.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be started is refused with one message, and leaves nothing behind that stops the next start. */
class RefusedStartTest {
  @TempDir
  Path directory;

  private static AbstractThrowableAssert<?, ?> refused(EmbeddedOptions options) {
    return assertThatThrownBy(() -> EmbeddedPostgres.start(options).close()).isInstanceOf(EmbeddedException.class);
  }

  @Test
  void aFileInPlaceOfTheDirectory() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    refused(EmbeddedOptions.durable(file))
        .hasMessage("data directory " + file + " is a file; choose another directory");
    refused(EmbeddedOptions.durable(file.resolve("below"))).hasMessageContainingAll("cannot use data directory",
        file.toString());
  }

  @Test
  void aDirectoryThatHoldsOtherThings() throws Exception {
    Files.createFile(directory.resolve("thesis.tex"));
    refused(EmbeddedOptions.durable(directory))
        .hasMessage("data directory " + directory + " holds other things (thesis.tex); choose another directory");
    assertThat(directory).isDirectoryNotContaining("glob:**/lock");
  }

  @Test
  void aDirectoryThatCannotBeWritten() {
    try (SmallDisk disk = SmallDisk.mount(directory, "ro")) {
      refused(EmbeddedOptions.durable(disk.directory()))
          .hasMessageContainingAll("cannot use data directory " + directory, "Read-only file system");
    }
  }

  @Test
  void aDiskThatIsFull() {
    try (SmallDisk disk = SmallDisk.mount(directory, "size=8m")) {
      for (int attempt = 0; attempt < 2; attempt++) {
        refused(EmbeddedOptions.durable(disk.directory()))
            .hasMessageContainingAll("cannot make a database in " + directory, "No space left on device");
      }
      assertThat(directory.resolve("pgdata")).doesNotExist();
      assertThat(directory.resolve("password")).doesNotExist();
    }
  }

  @Test
  void aSettingThatPostgresqlDoesNotKnowOrTake() {
    refused(EmbeddedOptions.ephemeral(directory).withSetting("max_connections", "many"))
        .hasMessageContainingAll("PostgreSQL does not start", "invalid value for parameter \"max_connections\"");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void optionsThatMakeNoSense() {
    assertThatThrownBy(() -> EmbeddedOptions.ephemeral().withPort(70_000)).hasMessageContaining("but was 70000");
    assertThatThrownBy(() -> EmbeddedOptions.ephemeral().withPort(80)).hasMessageContaining("no right to use lower");
    assertThatThrownBy(() -> EmbeddedOptions.ephemeral().withSetting("port", "5432")).hasMessageContaining("withPort");
    assertThatThrownBy(() -> EmbeddedOptions.ephemeral().withSetting("listen_addresses", "*"))
        .hasMessageContaining("fixed");
    assertThatThrownBy(() -> EmbeddedOptions.ephemeral().withSetting("-c x", "1")).hasMessageContaining("not the name");
    assertThatThrownBy(
        () -> new EmbeddedOptions(true, directory, 0, Map.of("work_mem", "1\n2"), Optional.empty(), Optional.empty()))
        .hasMessageContaining("control character");
  }

  @Test
  void aJarThatIsMissingOrHasNoBinaries() throws Exception {
    Path missing = directory.resolve("missing.jar");
    refused(EmbeddedOptions.ephemeral(directory).withBinaries(missing)).hasMessageContainingAll(missing.toString(),
        "does not exist");
    Path empty = Path.of(org.junit.jupiter.api.Test.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    refused(EmbeddedOptions.ephemeral(directory).withBinaries(empty)).hasMessageContainingAll(empty.toString(),
        "no PostgreSQL binaries for this platform");
  }

  @Test
  void aDamagedStateFile() throws Exception {
    Files.writeString(directory.resolve("howdah.properties"), "port=0\n");
    Files.createDirectory(directory.resolve("pgdata"));
    Files.writeString(directory.resolve("pgdata/PG_VERSION"), "18\n");
    refused(EmbeddedOptions.durable(directory)).hasMessageContainingAll("howdah.properties is damaged", "is missing");
  }

  @Test
  void findFindsNothingWhereNothingIs() throws Exception {
    assertThat(EmbeddedPostgres.find(directory)).isEmpty();
    assertThat(EmbeddedPostgres.find(directory.resolve("none"))).isEmpty();
  }
}
