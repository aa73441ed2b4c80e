package io.howdah.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.HowdahException;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@HowdahTest
class EveryWorkloadCountsTest {

  private static final Pattern KEY = Pattern.compile("[{,]\"([a-z0-9_]+)\":");

  private final TestDatabase database;

  EveryWorkloadCountsTest(TestDatabase database) {
    this.database = database;
  }

  @ParameterizedTest
  @ValueSource(strings = {"W1 secs=1 warmup=0", "W1 batch=1 callers=40 secs=1 warmup=0", "W2 secs=1 warmup=1",
      "W2c inflight=500 secs=1 warmup=0", "W3 secs=1 warmup=0", "W4 groups=2 secs=1 warmup=0", "W5 secs=2 warmup=0",
      "W6 concurrency=32 secs=2 warmup=0", "W7 keys=100 processes=2 secs=2 warmup=0", "W8 backlog=3000 secs=1 warmup=0",
      "W9 secs=1 warmup=0", "W11 queues=60 busy=6 publishers=4", "W16 delay=300 secs=1 warmup=0"})
  void nothingIsLostAndNothingComesTwice(String arguments) {
    assertIsSound(run(arguments), "howdah");
  }

  @ParameterizedTest
  @ValueSource(strings = {"W1 secs=1 warmup=0", "W2c secs=1 warmup=0", "W3 secs=1 warmup=0",
      "W4 groups=2 secs=1 warmup=0"})
  void theBareVariantIsHeldToTheSame(String arguments) {
    assertIsSound(run(arguments + " variant=bare"), "bare");
  }

  private static void assertIsSound(String json, String variant) {
    assertThat(keys(json)).isEqualTo(Figures.KEYS);
    assertThat(json).contains("\"ok\":true", "\"error\":null", "\"lost\":0", "\"dup\":0", "\"drained\":true",
        "\"variant\":\"" + variant + "\"").doesNotContain("\"published\":0", "\"published\":null");
  }

  @Test
  void theCalibrationTellsTheSpeedOfTheMachine() {
    String json = run("calibrate secs=1");
    assertThat(keys(json)).isEqualTo(Figures.CALIBRATION_KEYS);
    assertThat(json).contains("\"ok\":true").doesNotContain("\"rows_per_s\":null", "\"commit_p50_ms\":null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "W99", "W1 batch=0", "W1 fetch=5", "W1 secs=soon", "W9 variant=bare", "W1 variant=fast"})
  void whatCannotBeRunIsRefused(String arguments) {
    assertThatThrownBy(() -> run(arguments)).isInstanceOf(HowdahException.class);
  }

  private String run(String arguments) {
    List<String> words = arguments.isEmpty() ? List.of() : List.of(arguments.split(" "));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    int status = Bench.run(words, Optional.of(database.dataSource()), print, System.err);
    String json = out.toString(StandardCharsets.UTF_8);
    assertThat(status).as(json).isZero();
    assertThat(json.lines()).hasSize(1);
    return json;
  }

  private static List<String> keys(String json) {
    List<String> keys = new ArrayList<>();
    Matcher matcher = KEY.matcher(json);
    while (matcher.find()) {
      keys.add(matcher.group(1));
    }
    return keys;
  }
}
