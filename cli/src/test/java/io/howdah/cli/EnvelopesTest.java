package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Bytes;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Payload;
import io.howdah.SpillFile;
import io.howdah.Unpublished;
import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a publisher has kept is published again with all that it has, each message once. */
@HowdahTest
@Timeout(300)
class EnvelopesTest {

  private static final HowdahException REASON = new HowdahException(ErrorCode.UNAVAILABLE, "for the test");

  private final TestDatabase database;

  @TempDir
  private Path folder;

  EnvelopesTest(TestDatabase database) {
    this.database = database;
  }

  private Result publish(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("publish", "--db", database.url()));
    all.addAll(Arrays.asList(arguments));
    return CliProcess.call(all.toArray(String[]::new));
  }

  @Test
  void aSpillFileGoesThereAndBackWithoutLossAndOnce() throws Exception {
    UUID first = UUID.fromString("018f0000-0000-7000-8000-000000010000");
    UUID second = UUID.fromString("018f0000-0000-7000-8000-000000010001");
    String payload = "{\n\t\"a\": [1.50, \"\u00e4\\u00e4\\\"\"]}";
    Message<Payload> full = new Message<>(new Json(payload), "order.placed", "k 1", java.util.Map.of("h", "v\"\u00e4"),
        Duration.ofMinutes(1), null, Duration.ofHours(1));
    SpillFile spill = SpillFile.in(folder);
    spill.failed(List.of(new Unpublished("spilled", first, full, REASON), new Unpublished("spilled-too", second,
        Message.<Payload>of(new Json("null")).withDue(Instant.parse("2020-01-01T00:00:00Z")), REASON)));
    String file = Objects.requireNonNull(spill.file()).toString();

    Result result = publish("--envelopes", "--file", file);
    Result again = publish("--envelopes", "--file", file);

    assertThat(result.status()).as(result.err()).isZero();
    assertThat(again.status()).as(again.err()).isZero();
    assertThat(again.err()).contains("2 of them were there already");
    assertThat(database
        .texts("select concat_ws('|', id, topic, key, headers->>'h', payload) from howdah.scheduled('spilled')"))
        .containsExactly(first + "|order.placed|k 1|v\"\u00e4|" + payload);
    assertThat(database.texts("select id || ' ' || payload from howdah.peek('spilled-too')"))
        .containsExactly(second + " null");
  }

  @Test
  void bytesGoThereAndBackToo() throws Exception {
    UUID id = UUID.fromString("018f0000-0000-7000-8000-000000020000");
    Message<Payload> picture = new Message<>(new Bytes(new byte[]{0, -1, 10}, "image/png"), "a.b", "k",
        java.util.Map.of(), Duration.ZERO);
    SpillFile spill = SpillFile.in(folder);
    spill.failed(List.of(new Unpublished("pictures", id, picture, REASON)));
    String file = Objects.requireNonNull(spill.file()).toString();
    for (int i = 0; i < 2; i++) {
      Result result = publish("--envelopes", "--file", file);
      assertThat(result.status()).as(result.err()).isZero();
    }
    assertThat(database.texts("""
        select concat_ws('|', id, topic, key, encode(body, 'hex'), content_type, payload)
        from howdah.peek('pictures')""")).containsExactly(id + "|a.b|k|00ff0a|image/png");
    for (String bad : List.of("{\"bytes\": \"AP8K\"}", "{\"payload\": 1, \"content_type\": \"a/b\"}",
        "{\"bytes\": \"?\", \"content_type\": \"a/b\"}", "{\"bytes\": \"AP8K\", \"content_type\": \"png\"}",
        "{\"bytes\": \"AP8K\", \"content_type\": \"a/b\", \"json\": \"1\"}")) {
      Path wrong = Files.writeString(folder.resolve("wrong"), bad);
      assertThat(publish("pictures", "--envelopes", "--file", wrong.toString()).status()).as(bad).isEqualTo(2);
    }
  }

  @Test
  void aLineCanBeWrittenByHandAndItsErrorsAreNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("hand"),
        "{\"payload\": {\"n\": 1.0}, \"once\": \"k\"}\n" + "{\"payload\": 2, \"once\": \"k\"}\n{\"payload\": 3}\n");
    assertThat(publish("by-hand", "--envelopes", "--file", file.toString()).status()).isZero();
    assertThat(database.texts("select payload::text from howdah.peek('by-hand')")).containsExactly("{\"n\":1.0}", "3");
    for (String bad : List.of("{\"payload\": 1, \"unknown\": 1}", "{\"payload\": 1, \"json\": \"1\"}", "{}", "[1]",
        "{\"payload\": 1, \"delay\": \"soon\"}", "{\"payload\": 1, \"id\": \"x\"}", "{\"payload\": 1, \"key\": 5}",
        "{\"payload\": 1, \"headers\": {\"a\": 1}}")) {
      Path wrong = Files.writeString(folder.resolve("wrong"), bad);
      Result result = publish("by-hand", "--envelopes", "--file", wrong.toString());
      assertThat(result.status()).as(bad).isEqualTo(2);
      assertThat(result.err()).as(bad).contains("message 1 of the batch").doesNotContain("\tat ");
    }
    assertThat(publish("--envelopes", "--file", file.toString()).err()).contains("does not say its stream");
    assertThat(publish("--file", file.toString()).status()).isEqualTo(2);
    assertThat(publish("q", "--envelopes", "--topic", "a", "--file", file.toString()).status()).isEqualTo(2);
    assertThat(publish("q", "--until-done", "--file", file.toString()).status()).isEqualTo(2);
  }

  @Test
  void aKeyOnTheCommandLineIsPublishedOnce() throws Exception {
    Path file = Files.writeString(folder.resolve("one"), "1");
    String id = "018f0000-0000-7000-8000-0000000aaaaa";
    for (int i = 0; i < 2; i++) {
      assertThat(publish("keyed", "--once", "k", "--until-done", "--file", file.toString()).status()).isZero();
      assertThat(publish("keyed", "--id", id, "--within", "1h", "--ttl", "1h", "--file", file.toString()).status())
          .isZero();
    }
    assertThat(database.texts("select id from howdah.peek('keyed')")).hasSize(2).contains(id);
  }
}
