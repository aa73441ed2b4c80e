package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The command line as a user runs it: a process with a stdin, a stdout, a stderr and an exit status. */
final class CliProcess implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final long LOOK_MILLIS = 20;

  /** What the process left. */
  record Result(int status, String out, String err) {

    List<String> lines() {
      return out.lines().toList();
    }
  }

  private final Process process;
  private final Path out;
  private final Path err;

  private CliProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts {@code howdah} with this stdin, in an environment that names no broker. */
  static CliProcess start(Path folder, Path input, String... arguments) throws IOException {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    List<String> command = new ArrayList<>(
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectInput(input.toFile())
        .redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().remove("HOWDAH_DB");
    return new CliProcess(builder.start(), out, err);
  }

  /** The same without a process of its own, for commands that neither read stdin nor write much. */
  static Result call(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
    return new Result(status, out.toString(), err.toString());
  }

  static CliProcess start(Path folder, String... arguments) throws IOException {
    return start(folder, new File("/dev/null").toPath(), arguments);
  }

  static Result run(Path folder, String... arguments) throws Exception {
    try (CliProcess process = start(folder, arguments)) {
      return process.finish();
    }
  }

  static Result runWithInput(Path folder, String input, String... arguments) throws Exception {
    Path file = Files.writeString(Files.createTempFile(folder, "in", ""), input);
    try (CliProcess process = start(folder, file, arguments)) {
      return process.finish();
    }
  }

  Process process() {
    return process;
  }

  Path out() {
    return out;
  }

  String outText() {
    return read(out);
  }

  String errText() {
    return read(err);
  }

  Result finish() throws InterruptedException {
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("ended; stderr: %s", errText()).isTrue();
    return new Result(process.exitValue(), outText(), errText());
  }

  /** Waits until it holds, or fails when the process ends first or takes too long. */
  void until(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      boolean ended = process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      assertThat(ended && !condition.getAsBoolean()).as("ended before: %s; stderr: %s", what, errText()).isFalse();
      assertThat(System.nanoTime()).as("in time: %s; stderr: %s", what, errText()).isLessThan(deadline);
    }
  }

  /** The URL of a broker, once it is ready. */
  String readyUrl() throws InterruptedException {
    until("ready", () -> outText().endsWith("\n"));
    assertThat(outText())
        .matches("ready db=jdbc:postgresql://127\\.0\\.0\\.1:\\d+/howdah\\?user=\\w+&password=\\w+\\R");
    return outText().substring("ready db=".length()).strip();
  }

  Result terminate() throws InterruptedException {
    process.destroy();
    return finish();
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    finish();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it as a user would, so that a broker takes its PostgreSQL along. */
  @Override
  public void close() throws InterruptedException {
    if (process.isAlive()) {
      process.destroy();
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        kill();
      }
    }
  }
}
