package io.howdah.engine.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Events;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Outcome;
import io.howdah.PipelineOptions;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Each test is a process of its own, with an environment of its own. */
@HowdahTest
class KnobsOfAProcessTest {
  private final TestDatabase database;

  KnobsOfAProcessTest(TestDatabase database) {
    this.database = database;
    database.query("select howdah.create_queue('orders')");
  }

  private String run(Map<String, String> environment, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1", "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile")));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), KnobsOfAProcessTest.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("HOWDAH_DB", database.url());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return out.lines().filter(line -> line.startsWith("= ")).findFirst().orElse(out);
  }

  @Test
  void theEnvironmentSetsWhatTheProgramDoesNot() throws Exception {
    assertThat(run(Map.of("HOWDAH_LEASE", "5s", "HOWDAH_CONCURRENCY", "3"))).isEqualTo("= RUNNING PT5S 9 PT5S PT10M");
    assertThat(run(Map.of("HOWDAH_LEASE", "5s"), "-Dhowdah.lease=6s")).isEqualTo("= RUNNING PT6S 9 PT5S PT10M");
    assertThat(run(Map.of("HOWDAH_POLL_INTERVAL", "1s", "HOWDAH_SUBSCRIPTION_EXPIRY", "2h")))
        .as("what a pipeline and a listener do").isEqualTo("= RUNNING PT30S 9 PT1S PT2H");
  }

  @Test
  void aWorkerIsDisabledByTheEnvironmentWhateverTheProgramSays() throws Exception {
    assertThat(run(Map.of("HOWDAH_WORKERS_DISABLED", "mails, orders"))).isEqualTo("= DISABLED PT30S 9 PT5S PT10M");
    assertThat(run(Map.of("HOWDAH_WORKERS_DISABLED", "*"))).isEqualTo("= DISABLED PT30S 9 PT5S PT10M");
    assertThat(run(Map.of("HOWDAH_WORKERS_DISABLED", "mails"))).isEqualTo("= RUNNING PT30S 9 PT5S PT10M");
  }

  @Test
  void whatIsNoKnobKeepsTheProcessFromStarting() throws Exception {
    assertThat(run(Map.of("HOWDAH_LEESE", "5s"))).startsWith("= environment variable HOWDAH_LEESE is no knob");
    assertThat(run(Map.of(), "-Dhowdah.leese=5s")).startsWith("= system property howdah.leese is no knob");
    assertThat(run(Map.of("HOWDAH_LEASE", "soon"))).startsWith("= environment HOWDAH_LEASE must be a duration");
    assertThat(run(Map.of("HOWDAH_GRACE", "2h"))).startsWith("= environment HOWDAH_GRACE must be a duration");
  }

  /** A program that has one worker, sets one of its options itself, and tells how it is. */
  public static void main(String[] arguments) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(System.getenv("HOWDAH_DB"));
    try (Howdah howdah = Howdah.open(dataSource)) {
      WorkerOptions options = WorkerOptions.defaults().withConcurrency(9);
      try (Worker worker = howdah.queue("orders").consume(delivery -> Outcome.done(), options);
          Events<Json> events = howdah.stream("news").create().listen()) {
        System.out.println("= " + worker.state() + " " + options.lease() + " " + options.concurrency() + " "
            + PipelineOptions.defaults().reading().interval() + " "
            + howdah.subscription(events.subscription()).options().expiresAfter());
      }
    } catch (HowdahException e) {
      System.out.println("= " + e.getMessage());
    }
  }
}
