package io.howdah.embedded;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Another Java process that owns a server, until it is told to end or is killed. */
final class OtherProcess implements AutoCloseable {
  private static final String ANSWER = "answer: ";
  private final Process process;
  private final BufferedReader output;

  private OtherProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts a server of this kind ("durable" or "ephemeral"); the first line of its output is left to be read. */
  static OtherProcess start(String kind, Path directory) throws IOException {
    return start(List.of(), System.getProperty("java.class.path"), kind, directory.toString());
  }

  static OtherProcess start(List<String> prefix, String classPath, String... arguments) throws IOException {
    List<String> words = new ArrayList<>(prefix);
    words.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
        "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"), "-cp", classPath,
        OtherProcess.class.getName()));
    words.addAll(Arrays.asList(arguments));
    return new OtherProcess(
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).directory(new File("/")).start());
  }

  /**
   * The server's process id, its port and its directory; or what went wrong. A log may stand before it, where the other user
   * cannot read how logging is configured.
   */
  String firstLine() throws IOException {
    String line = output.readLine();
    while (line != null && !line.startsWith(ANSWER)) {
      line = output.readLine();
    }
    return line == null ? null : line.substring(ANSWER.length());
  }

  long pid() {
    return process.pid();
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Lets the process return from its main method without closing the server. */
  void letEnd() throws IOException, InterruptedException {
    process.getOutputStream().close();
    process.waitFor(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Whether a process is gone within the bound. */
  static boolean isGone(long pid, Duration bound) throws InterruptedException, ExecutionException {
    try {
      var handle = ProcessHandle.of(pid);
      if (handle.isPresent()) {
        handle.get().onExit().get(bound.toMillis(), TimeUnit.MILLISECONDS);
      }
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[1]);
    EmbeddedOptions options = arguments[0].equals("durable")
        ? EmbeddedOptions.durable(directory)
        : EmbeddedOptions.ephemeral(directory);
    if (arguments.length > 2) {
      options = options.withCache(Path.of(arguments[2]));
    }
    try {
      EmbeddedPostgres server = EmbeddedPostgres.start(options);
      System.out.println(ANSWER + server.postmasterPid() + " " + server.port() + " " + server.dataDirectory());
    } catch (EmbeddedException e) {
      System.out.println(ANSWER + e.getMessage());
    }
    System.out.flush();
    if (System.in.read() >= 0) {
      throw new IllegalStateException("nothing was to be read");
    }
  }
}
