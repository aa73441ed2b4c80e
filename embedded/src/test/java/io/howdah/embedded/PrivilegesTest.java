package io.howdah.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PostgreSQL does not run as root; these are the ways around that. */
class PrivilegesTest {
  private static Path open;

  /** A directory that every user can reach, which those of JUnit are not; with one cache for all of these. */
  @BeforeAll
  static void makeDirectory() throws Exception {
    open = Files.createTempDirectory("howdah-test-");
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterAll
  static void removeDirectory() throws Exception {
    PrivateFiles.removeTree(open);
  }

  private static void assumeRoot() {
    Command.Result user = Command.run(List.of("id", "-u"), Path.of("/"));
    assumeTrue(user.output().equals("0"), "needs root");
  }

  @Test
  void rootRunsItAsAnotherUserWhereThereAreNoNamespaces() throws Exception {
    assumeRoot();
    Privileges other = Privileges.otherUser().orElseThrow();
    EmbeddedOptions options = EmbeddedOptions.durable(open.resolve("given")).withCache(open.resolve("cache"));
    try (EmbeddedPostgres server = EmbeddedPostgres.start(options, other)) {
      assertThat(Files.getAttribute(Path.of("/proc/" + server.postmasterPid()), "unix:uid")).isEqualTo(other.uid());
      server.kill();
      server.restart();
      assertThat(Sql.value(server, "select 1")).isEqualTo("1");
    }
    assertThatThrownBy(() -> EmbeddedPostgres.start(options)).isInstanceOf(EmbeddedException.class)
        .hasMessageContainingAll(options.directory().toString(), "start as its owner");
  }

  @Test
  void everyWayToBecomeAnotherUserGivesItsId() {
    assumeRoot();
    Privileges other = Privileges.otherUser().orElseThrow();
    for (List<String> way : Privileges.waysToBecome("nobody", 65_534, other.gid())) {
      assumeTrue(Stream.of("/bin", "/usr/bin", "/sbin", "/usr/sbin")
          .anyMatch(bin -> Files.isExecutable(Path.of(bin, way.getFirst()))), "needs " + way.getFirst());
      List<String> words = new ArrayList<>(way);
      words.addAll(List.of("sh", "-c", "echo \"$1 $(id -u)\"", "sh", "two words"));
      assertThat(Command.run(words, Path.of("/")).output()).isEqualTo("two words 65534");
    }
  }

  @Test
  void anOrdinaryUserRunsItAsItIs() throws Exception {
    assumeRoot();
    Privileges other = Privileges.otherUser().orElseThrow();
    Path data = Files.createDirectory(open.resolve("own"));
    other.give(data);
    EmbeddedOptions options = EmbeddedOptions.durable(data).withCache(open.resolve("cache"));
    BinariesCache.of(options, other).unpacked(Archive.find(options.binaries()));
    try (OtherProcess owner = OtherProcess.start(other.prefix(), copiedClassPath(), "ephemeral", data.toString(),
        open.resolve("cache").toString())) {
      String line = owner.firstLine();
      assertThat(line).contains(" " + data);
      assertThat(Files.getAttribute(Path.of("/proc/" + line.split(" ")[0]), "unix:uid")).isEqualTo(other.uid());
      assertThat(EmbeddedPostgres.find(Path.of(line.split(" ")[2]))).isPresent();
    }
  }

  /** The class path, where another user can read it. */
  private String copiedClassPath() throws Exception {
    List<String> copies = new ArrayList<>();
    for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path from = Path.of(part);
      Path to = open.resolve("lib-" + copies.size()).resolve(from.getFileName());
      if (Files.exists(from)) {
        try (Stream<Path> files = Files.walk(from)) {
          for (Path file : files.toList()) {
            Path copy = to.resolve(from.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
          }
        }
        copies.add(to.toString());
      }
    }
    return String.join(File.pathSeparator, copies);
  }
}
