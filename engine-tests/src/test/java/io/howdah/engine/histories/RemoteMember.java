package io.howdah.engine.histories;

import io.howdah.Howdah;
import io.howdah.Outcome;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A worker in a process of its own, to be killed. Its handler asks here what to answer, and waits for it, so all that
 * happens there is noted here, in the right order.
 */
final class RemoteMember implements Member {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private final Life life;
  private final RandomHandler handler;
  private final Process process;
  private final PrintStream toChild;
  private final Thread reader;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private volatile CompletableFuture<Boolean> drained = new CompletableFuture<>();

  private RemoteMember(Life life, long seed, Process process) {
    this.life = life;
    this.handler = new RandomHandler(life, seed, false);
    this.process = process;
    this.toChild = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.reader = Thread.ofVirtual().start(this::read);
  }

  /** Returns when its worker works. */
  static RemoteMember start(TestDatabase database, Watched watched, String name, long seed) {
    ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1", "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"),
        "-cp", System.getProperty("java.class.path"), RemoteMember.class.getName(), watched.subscription());
    builder.environment().put("HOWDAH_DB", database.url());
    try {
      Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      RemoteMember member = new RemoteMember(new Life(watched, name, Life.Trust.UNSURE), seed, process);
      member.ready.orTimeout(5, TimeUnit.MINUTES).join();
      return member;
    } catch (IOException e) {
      throw new UncheckedIOException("the other process could not be started", e);
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        switch (words[0]) {
          case "ready" -> ready.complete(null);
          case "drained" -> drained.complete(Boolean.valueOf(words[1]));
          case "call" -> Thread.ofVirtual().start(() -> answer(words[1], words[2], Integer.parseInt(words[3])));
          default -> throw new IllegalStateException("the other process says: " + line);
        }
      }
    } catch (IOException e) {
      // killed in the middle of a word
    }
  }

  private void answer(String call, String message, int attempt) {
    String word;
    try {
      word = RandomHandler.word(handler.handle(message, attempt));
    } catch (Exception e) {
      word = "throw";
    }
    toChild.println(call + " " + word);
  }

  @Override
  public boolean isMortal() {
    return true;
  }

  @Override
  public boolean drain() {
    drained = new CompletableFuture<>();
    toChild.println("drain " + PATIENCE.toSeconds());
    try {
      return drained.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (Exception e) {
      throw new IllegalStateException("the other process was not drained", e);
    }
  }

  @Override
  public void resume() {
    toChild.println("resume");
  }

  @Override
  public void kill() throws InterruptedException {
    life.die();
    process.toHandle().destroyForcibly();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError("the process did not die");
    }
    reader.join();
  }

  @Override
  public int deliveries() {
    return life.deliveries();
  }

  @Override
  public void close() {
    life.die();
    process.toHandle().destroyForcibly();
  }

  /** Argument: the subscription. Ends when its standard input does, so that it never outlives the test. */
  public static void main(String[] arguments) throws IOException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(System.getenv("HOWDAH_DB"));
    Howdah howdah = Howdah.open(dataSource);
    Map<String, CompletableFuture<String>> calls = new ConcurrentHashMap<>();
    AtomicLong number = new AtomicLong();
    Worker worker = howdah.subscription(arguments[0]).consume(delivery -> {
      String call = Long.toString(number.incrementAndGet());
      CompletableFuture<String> answer = new CompletableFuture<>();
      calls.put(call, answer);
      System.out.println("call " + call + " " + delivery.rawPayload() + " " + delivery.attempt());
      return outcome(answer.join());
    }, WorkerOptions.defaults().withConcurrency(4).withFetch(50).withLease(LocalMember.LEASE));
    System.out.println("ready");
    obey(worker, calls);
    Runtime.getRuntime().halt(0);
  }

  private static void obey(Worker worker, Map<String, CompletableFuture<String>> calls) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "drain" -> {
          Duration most = Duration.ofSeconds(Long.parseLong(words[1]));
          Thread.ofVirtual().start(() -> System.out.println("drained " + worker.drain(most)));
        }
        case "resume" -> worker.resume();
        default -> {
          CompletableFuture<String> answer = calls.remove(words[0]);
          if (answer != null) {
            answer.complete(words[1]);
          }
        }
      }
    }
  }

  private static Outcome outcome(String word) {
    return switch (word) {
      case "done" -> Outcome.done();
      case "archive" -> Outcome.archive();
      case "reject" -> Outcome.reject("chance");
      case "retry" -> Outcome.retry("chance");
      case "release" -> Outcome.release();
      default -> throw new IllegalArgumentException(word);
    };
  }
}
