package io.howdah.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher in a source tree of its own, with a Maven and Javas that only
 * note that they were called.
 */
class LauncherTest {

  private static final long SECONDS = 30;

  @TempDir
  private Path folder;
  private Path tree;
  private Path bin;

  record Result(int code, String out, String err) {
  }

  @BeforeEach
  void makeTree() throws IOException {
    tree = Files.createDirectories(folder.resolve("source tree"));
    bin = Files.createDirectories(folder.resolve("bin"));
    Files.createDirectories(tree.resolve("cli/src/main"));
    write(tree.resolve("pom.xml"), "<project/>");
    write(tree.resolve("cli/pom.xml"), "<project/>");
    script(tree.resolve("howdah"), Files.readString(Path.of(System.getProperty("howdah.root"), "howdah")));
    for (String tool : List.of("sh", "readlink", "dirname", "sed", "find", "head", "touch", "mkdir", "rmdir", "cat",
        "flock", "sleep")) {
      Path there = Path.of("/usr/bin", tool);
      script(bin.resolve(tool),
          "#!/bin/sh\nexec " + (Files.exists(there) ? there : Path.of("/bin", tool)) + " \"$@\"\n");
    }
  }

  @Test
  void theFirstUseBuildsAndLaterOnesDoNot() throws Exception {
    java("jdk", "21.0.1");
    maven("exit 0");

    Result first = launch("jdk", "queue", "list", "two words");
    Result second = launch("jdk", "version");

    assertThat(first.out).isEqualTo("jdk: queue|list|two words|\n");
    assertThat(first.err).contains("building").doesNotContain("maven speaks");
    assertThat(second.out).isEqualTo("jdk: version|\n");
    assertThat(second.err).isEmpty();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aNewerSourceIsBuiltAgain() throws Exception {
    java("jdk", "21.0.1");
    maven("exit 0");
    launch("jdk", "version");

    Files.setLastModifiedTime(tree.resolve("cli/src/main"), FileTime.from(Instant.now().plusSeconds(5)));
    launch("jdk", "version");

    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void twoThatStartAtOnceBuildOnce() throws Exception {
    java("jdk", "21.0.1");
    maven("exit 0");

    List<Process> both = List.of(start("jdk", "version"), start("jdk", "version"));

    for (Process each : both) {
      assertThat(result(each).out).isEqualTo("jdk: version|\n");
    }
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aBuildThatFailsShowsWhatMavenSaid() throws Exception {
    java("jdk", "21.0.1");
    maven("exit 1");

    Result result = launch("jdk", "version");

    assertThat(result.code).isEqualTo(69);
    assertThat(result.out).isEmpty();
    assertThat(result.err).contains("maven speaks").contains("the build failed");
  }

  @Test
  void withoutMavenOneLineSaysSo() throws Exception {
    java("jdk", "21.0.1");

    Result result = launch("jdk", "version");

    assertThat(result.code).isEqualTo(69);
    assertThat(result.err).startsWith("howdah: Maven is missing").hasLineCount(1);
  }

  @Test
  void itRunsThroughSymbolicLinksAndFromAnywhere() throws Exception {
    java("jdk", "25");
    maven("exit 0");
    Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("source tree/howdah"));
    Path second = Files.createSymbolicLink(bin.resolve("hw"), first);

    Process process = command(List.of(second.toString(), "version"), "jdk").directory(bin.toFile()).start();

    assertThat(result(process).out).isEqualTo("jdk: version|\n");
  }

  @Test
  void aJavaHomeThatIsTooOldGivesWayToTheJavaOfThePath() throws Exception {
    java("old", "17.0.15");
    java("older", "1.8.0_402");
    java("fit", "22.0.1");
    maven("exit 0");
    Files.createSymbolicLink(bin.resolve("java"), folder.resolve("fit/bin/java"));

    assertThat(launch("old", "version").out).isEqualTo("fit: version|\n");
    assertThat(launch("older", "version").out).isEqualTo("fit: version|\n");
  }

  private Result launch(String javaHome, String... arguments) throws Exception {
    return result(start(javaHome, arguments));
  }

  private Process start(String javaHome, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(tree.resolve("howdah").toString()));
    command.addAll(List.of(arguments));
    return command(command, javaHome).start();
  }

  private ProcessBuilder command(List<String> command, String javaHome) {
    List<String> all = new ArrayList<>(List.of(bin.resolve("sh").toString()));
    all.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(all);
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("JAVA_HOME", folder.resolve(javaHome).toString());
    return builder;
  }

  private static Result result(Process process) throws Exception {
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), out, err);
  }

  /**
   * A Java that prints its folder and what the command line gets after the main
   * class.
   */
  private void java(String name, String version) throws IOException {
    write(folder.resolve(name).resolve("release"), "IMPLEMENTOR=\"nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
    script(folder.resolve(name).resolve("bin/java"), """
        #!/bin/sh
        while [ "$1" != io.howdah.cli.Main ]; do shift; done
        shift
        printf '%s: ' NAME
        printf '%s|' "$@"
        echo
        """.replace("NAME", name));
  }

  /**
   * A Maven that takes a moment, so that two of them would overlap, and leaves a
   * jar.
   */
  private void maven(String end) throws IOException {
    script(bin.resolve("mvn"), """
        #!/bin/sh
        echo build >>FOLDER/builds
        echo maven speaks
        sleep 0.3
        mkdir -p cli/target/lib
        touch cli/target/howdah-cli-1.jar
        END
        """.replace("FOLDER", folder.toString()).replace("END", end));
  }

  private int builds() throws IOException {
    return Files.readAllLines(folder.resolve("builds")).size();
  }

  private static void script(Path file, String text) throws IOException {
    write(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
