package io.howdah.engine.limit;

import io.howdah.Howdah;
import io.howdah.Outcome;
import io.howdah.WorkerOptions;
import io.howdah.testkit.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.postgresql.ds.PGSimpleDataSource;

/** Consumers in processes of their own, which write down when each of their handlers starts and ends. */
final class Fleet implements AutoCloseable {
  private final List<Process> processes = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();
  private final ConcurrentLinkedQueue<Handled> handled = new ConcurrentLinkedQueue<>();

  /** One call of a handler, in microseconds of the machine's clock. */
  record Handled(String message, String owner, long start, long end) {
  }

  /** Each process has so many handlers at a time that take so long. */
  record Size(int processes, int concurrency, Duration work, Duration lease) {
    Size(int processes, int concurrency, Duration work) {
      this(processes, concurrency, work, Duration.ofSeconds(30));
    }
  }

  static Fleet start(TestDatabase database, String queue, Size size) {
    Fleet fleet = new Fleet();
    for (int i = 0; i < size.processes(); i++) {
      fleet.start(database.url(), queue, "p" + i, Integer.toString(size.concurrency()), size.work().toString(),
          size.lease().toString());
    }
    return fleet;
  }

  /** Whether each process has handled so many messages: then they are warm. */
  boolean haveAllHandled(int messages) {
    Map<String, Long> counts = handled.stream().collect(Collectors.groupingBy(Handled::owner, Collectors.counting()));
    return counts.size() == processes.size() && counts.values().stream().allMatch(count -> count >= messages);
  }

  /** What has been handled, in the order of the starts. */
  List<Handled> byStart() {
    return handled.stream().sorted(Comparator.comparing(Handled::start)).toList();
  }

  /** How many of these, which are in the order of their starts, ran at the same time at most. */
  static int mostAtOnce(List<Handled> handled) {
    List<Handled> running = new ArrayList<>();
    int most = 0;
    for (Handled each : handled) {
      running.removeIf(other -> other.end() < each.start());
      running.add(each);
      most = Math.max(most, running.size());
    }
    return most;
  }

  private void start(String url, String... arguments) {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1", "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"),
        "-cp", System.getProperty("java.class.path"), Fleet.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("HOWDAH_DB", url);
    try {
      Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      processes.add(process);
      readers.add(Thread.ofVirtual().start(() -> read(process)));
    } catch (IOException e) {
      throw new UncheckedIOException("a consumer could not be started", e);
    }
  }

  private void read(Process process) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", -1);
        handled.add(new Handled(words[0], words[1], Long.parseLong(words[2]), Long.parseLong(words[3])));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("what a consumer says could not be read", e);
    }
  }

  /** What has been handled so far. */
  List<Handled> handled() {
    return List.copyOf(handled);
  }

  /** Ends one as kill -9 does. */
  void kill(String owner) throws InterruptedException {
    Process process = processes.get(Integer.parseInt(owner.substring(1)));
    process.toHandle().destroyForcibly();
    process.waitFor(20, TimeUnit.SECONDS);
  }

  /** Lets them close their workers and end; everything that they handled has been read then. */
  void end() throws IOException, InterruptedException {
    for (Process process : processes) {
      if (process.isAlive()) {
        process.getOutputStream().close();
      }
    }
    for (Process process : processes) {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("a consumer did not end");
      }
    }
    for (Thread reader : readers) {
      reader.join();
    }
  }

  @Override
  public void close() {
    processes.forEach(process -> process.toHandle().destroyForcibly());
  }

  /** Arguments: queue, owner, concurrency, time of work, lease. Ends when its standard input does. */
  public static void main(String[] arguments) throws IOException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(System.getenv("HOWDAH_DB"));
    long work = Duration.parse(arguments[3]).toNanos();
    WorkerOptions options = WorkerOptions.defaults().withOwner(arguments[1])
        .withConcurrency(Integer.parseInt(arguments[2])).withLease(Duration.parse(arguments[4]));
    try (Howdah howdah = Howdah.open(dataSource)) {
      howdah.queue(arguments[0]).consume(delivery -> {
        long start = micros();
        long until = System.nanoTime() + work;
        for (long left = work; left > 0; left = until - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        System.out.println(delivery.rawPayload() + " " + arguments[1] + " " + start + " " + micros());
        return Outcome.done();
      }, options);
      while (System.in.read() >= 0) {
        // nothing is sent
      }
    }
  }

  private static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
