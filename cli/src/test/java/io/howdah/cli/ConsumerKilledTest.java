package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.examples.MakeLines;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@HowdahTest
@Timeout(300)
class ConsumerKilledTest {

  private static final int LINES = 50_000;
  private static final int BATCH = 200;

  @TempDir
  private Path folder;

  @Test
  void everyLineComesOutOnceExceptThoseInFlightWhenAConsumerIsKilled(TestDatabase database) throws Exception {
    Path input = folder.resolve("lines");
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(input))) {
      MakeLines.write(LINES, file);
    }
    Result published = CliProcess.run(folder, "publish", "orders", "--file", input.toString(), "--db", database.url());
    assertThat(published.err()).contains("published " + LINES + " messages");

    List<String> dead;
    List<String> alive;
    try (CliProcess victim = consumer(database); CliProcess survivor = consumer(database)) {
      victim.until("half-way", () -> size(victim.out()) > size(input) / 8);
      victim.kill();
      Result result = survivor.finish();
      assertThat(result.status()).as(result.err()).isZero();
      dead = completeLines(victim.outText());
      alive = result.lines();
    }

    Set<String> everything = new HashSet<>(dead);
    everything.addAll(alive);
    assertThat(everything).isEqualTo(new HashSet<>(IntStream.rangeClosed(1, LINES).mapToObj(MakeLines::line).toList()));
    assertThat(new HashSet<>(dead)).as("each once in what the victim wrote").hasSize(dead.size());
    assertThat(new HashSet<>(alive)).as("each once in what the survivor wrote").hasSize(alive.size());
    List<String> twice = new ArrayList<>(dead);
    twice.retainAll(new HashSet<>(alive));
    assertThat(twice).as("twice only what the victim had in flight")
        .isSubsetOf(dead.subList(Math.max(0, dead.size() - BATCH), dead.size()));
    assertThat(database.text("select ready || ' ' || in_flight from howdah.stats('orders')")).isEqualTo("0 0");
  }

  private CliProcess consumer(TestDatabase database) throws IOException {
    return CliProcess.start(folder, "consume", "orders", "--batch", Integer.toString(BATCH), "--lease", "2s", "--db",
        database.url());
  }

  /** The last line may have been cut by the kill. */
  private static List<String> completeLines(String text) {
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private static long size(Path file) {
    return file.toFile().length();
  }
}
