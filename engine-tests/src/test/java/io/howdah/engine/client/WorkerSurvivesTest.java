package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.schema.Schema;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@HowdahTest
class WorkerSurvivesTest {

  private final TestDatabase database;

  WorkerSurvivesTest(TestDatabase database) {
    this.database = database;
  }

  private static List<Json> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> new Json(Integer.toString(i))).toList();
  }

  @Test
  void aKilledAndRestartedServer(@TempDir Path directory) {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedOptions.durable(directory.resolve("data")))) {
      Schema.of(postgres.dataSource("postgres")).install();
      Set<String> seen = ConcurrentHashMap.newKeySet();
      try (Howdah howdah = Howdah.open(postgres.dataSource("postgres"))) {
        Queue<Json> queue = howdah.queue("restart").create();
        try (Worker worker = queue.consume(delivery -> {
          seen.add(delivery.rawPayload());
          return done();
        })) {
          queue.publishAll(numbers(0, 500));
          Eventually.is("the first are handled", () -> seen.size() == 500);
          postgres.kill();
          Eventually.is("the worker has noticed", () -> worker.stats().outages() == 1);
          postgres.restart();
          Eventually.is("publishing works again", () -> published(queue, numbers(500, 1_000)));
          Eventually.is("the others are handled", () -> seen.size() == 1_000);
          assertThat(worker.stats().outages()).isEqualTo(1);
        }
      }
    }
  }

  private static boolean published(Queue<Json> queue, List<Json> payloads) {
    try {
      queue.publishAll(payloads);
      return true;
    } catch (HowdahException e) {
      return false;
    }
  }

  @Test
  void connectionsThatAreCutAgainAndAgain() {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    try (Logged logged = Logged.by("io.howdah.internal.subscription.Outage");
        FaultProxy proxy = FaultProxy.to(database);
        Howdah publishing = Howdah.open(database.dataSource());
        Howdah consuming = Howdah.open(proxy.dataSource())) {
      Queue<Json> queue = publishing.queue("cut").create();
      try (Worker worker = consuming.queue("cut").consume(delivery -> {
        seen.add(delivery.rawPayload());
        return done();
      }, io.howdah.WorkerOptions.defaults().withLease(java.time.Duration.ofSeconds(1)))) {
        for (int i = 0; i < 5; i++) {
          queue.publishAll(numbers(i * 400, i * 400 + 400));
          int least = i * 400;
          Eventually.is("some of it is handled", () -> seen.size() > least);
          proxy.cut();
        }
        Eventually.is("all is handled in the end", () -> seen.size() == 2_000);
        assertThat(worker.stats().outages()).isEqualTo(1);
      }
      List<String> told = logged.about("worker of cut");
      assertThat(told).hasSize(2);
      assertThat(told.get(0)).startsWith("WARN the worker of cut cannot go on and keeps trying: ");
      assertThat(told.get(1)).matches("INFO the worker of cut goes on: [1-9]\\d* attempts failed within \\d+ ms");
    }
  }

  @Test
  void functionsThatAreMissingDuringAnUpgrade() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("upgrade").create();
      database.query("alter function howdah.claim rename to claim_away");
      try (Worker worker = queue.consume(delivery -> done())) {
        queue.publish(new Json("1"));
        Eventually.is("the worker has noticed", () -> worker.stats().outages() == 1);
        database.query("alter function howdah.claim_away rename to claim");
        Eventually.is("the message is handled", () -> worker.stats().done() == 1);
        assertThat(worker.stats().outages()).isEqualTo(1);
      }
    }
  }
}
