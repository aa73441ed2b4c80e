package io.howdah.engine.faults;

import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.testkit.History;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A publisher or consumer in a process of its own, to be killed. What it sees it writes to its standard output, line by line, before it
 * goes on; what stands there at its death still arrives.
 */
final class OtherJvm implements AutoCloseable {
  private final Process process;
  private final Evidence evidence;
  private final List<Received> deliveries = new ArrayList<>();
  private final Thread reader;

  /** A delivery to this process, and when. Whether the broker knows of its end, only the broker can tell. */
  record Received(long at, History.Delivered delivery) {
  }

  private OtherJvm(Process process, Evidence evidence) {
    this.process = process;
    this.evidence = evidence;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  /** Starts a process that publishes until it is killed. */
  static OtherJvm publisher(String url, Evidence evidence, String name) {
    return start("publisher", url, evidence, name);
  }

  /** Starts a process with a worker of this name; it consumes until it is killed. */
  static OtherJvm consumer(String url, Evidence evidence, String name) {
    return start("consumer", url, evidence, name);
  }

  private static OtherJvm start(String role, String url, Evidence evidence, String name) {
    ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1", "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"),
        "-cp", System.getProperty("java.class.path"), OtherJvm.class.getName(), role, evidence.queue(), name);
    builder.environment().put("HOWDAH_DB", url);
    try {
      return new OtherJvm(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start(), evidence);
    } catch (IOException e) {
      throw new UncheckedIOException("the other process could not be started", e);
    }
  }

  /** Kills it as kill -9 does, and returns when the last of its words has been read: Process.destroy would throw them away. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError("the process did not die");
    }
    reader.join();
  }

  /** What it was handed, in order; to be asked after its death. */
  List<Received> deliveries() {
    return deliveries;
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        heard(line);
      }
    } catch (IOException | RuntimeException e) {
      evidence.surprise(e);
    }
  }

  private void heard(String line) {
    String[] words = line.split(" ", -1);
    long at = Long.parseLong(words[1]);
    switch (words[0]) {
      case "attempted" -> evidence.record(at, new History.Attempted(words[2], null));
      case "acknowledged" -> evidence.record(at, new History.Acknowledged(words[2]));
      case "refused" -> evidence.record(at, new History.RolledBack(words[2]));
      case "delivered" -> {
        History.Delivered delivery = new History.Delivered(words[2], evidence.queue(), Long.parseLong(words[3]),
            words[4]);
        deliveries.add(new Received(at, delivery));
        evidence.record(at, delivery);
      }
      default -> throw new IllegalStateException("the other process says: " + line);
    }
  }

  @Override
  public void close() {
    process.toHandle().destroyForcibly();
  }

  /** Arguments: role, queue, name. Ends when its standard input does, so that it never outlives the test. */
  public static void main(String[] arguments) throws IOException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(System.getenv("HOWDAH_DB"));
    dataSource.setApplicationName(arguments[2]);
    Evidence evidence = new Evidence(arguments[1], (at, event) -> tell(System.out, at, event));
    Howdah howdah = Howdah.open(dataSource, HowdahOptions.defaults());
    if (arguments[0].equals("publisher")) {
      Publishing.start(howdah, evidence, arguments[2]);
    } else {
      Consuming.start(howdah, evidence, arguments[2]);
    }
    while (System.in.read() >= 0) {
      // nothing is sent
    }
    Runtime.getRuntime().halt(0);
  }

  private static void tell(PrintStream out, long at, History.Event event) {
    if (event instanceof History.Attempted e) {
      out.println("attempted " + at + " " + e.message());
    } else if (event instanceof History.Acknowledged e) {
      out.println("acknowledged " + at + " " + e.message());
    } else if (event instanceof History.RolledBack e) {
      out.println("refused " + at + " " + e.message());
    } else if (event instanceof History.Delivered e) {
      out.println("delivered " + at + " " + e.message() + " " + e.position() + " " + e.token());
    } else if (!(event instanceof History.Settled)) { // that is only an answer of its handler: the database knows
      out.println("unexpected " + at + " " + event);
    }
  }
}
