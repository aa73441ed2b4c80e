package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@HowdahTest
@Timeout(300)
class ConsumeTest {

  private final TestDatabase database;

  @TempDir
  private Path folder;

  ConsumeTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void payloadsComeOutAsTheyWerePublishedOnOneLineEachAndAreSettled() throws Exception {
    fill("plain", "{\"b\":1,  \"a\":1e2}", "[1,\n 2]", "\"ü\\u00fc\"");

    Result result = consume("plain");

    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.lines()).containsExactly("{\"b\":1,  \"a\":1e2}", "[1,  2]", "\"ü\\u00fc\"");
    assertThat(result.err()).contains("consumed 3 messages");
    assertThat(consume("plain").out()).isEmpty();
    assertThat(database.text("select ready || ' ' || in_flight from howdah.stats('plain')")).isEqualTo("0 0");
  }

  @Test
  void atMostAsManyAsAskedForAreTaken() throws Exception {
    fill("many", "1", "2", "3", "4", "5");

    assertThat(consume("many", "--max", "3", "--batch", "2").lines()).containsExactly("1", "2", "3");
    assertThat(consume("many", "--batch", "1").lines()).containsExactly("4", "5");
  }

  @Test
  void theEnvelopeTellsAllAboutAMessage() throws Exception {
    fill("wrapped");
    database.query(
        "select howdah.publish('wrapped', '{\"a\": 1}', topic => 't.u', key => 'k', headers => '{\"h\":\"v\"}')");

    String line = consume("wrapped", "--json").out();

    assertThat(line).matches("\\{\"id\":\"[0-9a-f-]{36}\",\"position\":1,\"attempt\":1,\"topic\":\"t.u\",\"key\":\"k\","
        + "\"headers\":\\{\"h\":\"v\"},\"published_at\":\"[^\"]+Z\",\"payload\":\\{\"a\": 1}}\\R");
  }

  @Test
  void whatALimitDoesNotPermitYetIsWaitedForAndNotLeftBehind() throws Exception {
    database.query("select howdah.create_queue('slow', '{\"rate\": 1, \"key_rate\": 1}')");
    database.query("select howdah.publish('slow', to_json(n), key => 'k') from generate_series(1, 3) n");

    assertThat(consume("slow").lines()).containsExactly("1", "2", "3");
  }

  @Test
  void aSubscriptionOfAStreamIsReadByItsName() throws Exception {
    database.query("select howdah.create_stream('events')");
    database.query("select howdah.create_subscription('audit', 'events', 'beginning')");
    database.query("select howdah.publish('events', '1')");

    assertThat(consume("other", "--subscription", "audit").err())
        .contains("subscription \"audit\" is one of stream \"events\"");
    assertThat(consume("events", "--subscription", "audit").lines()).containsExactly("1");
  }

  @Test
  void aReaderThatGoesAwayLosesNothingThatItDidNotGet() throws Exception {
    database.query("select howdah.create_queue('cut')");
    database.query("""
        select howdah.publish_many('cut', array_agg(to_json(n || repeat(' ', 1000))::text order by n))
        from generate_series(1, 1000) n""");
    Process process = new ProcessBuilder("sh", "-c", "\"$@\" | head -n 1", "sh",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
        System.getProperty("java.class.path"), Main.class.getName(), "consume", "cut", "--db", database.url())
        .redirectError(folder.resolve("err").toFile()).start();

    String first = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(first).startsWith("\"1 ");
    assertThat(Files.readString(folder.resolve("err"))).contains("stdout was closed").doesNotContain("\tat ");
    assertThat(database.number("select ready from howdah.stats('cut')")).isEqualTo(1000);
  }

  @Test
  void followingDeliversWhatComesLaterAndEndsAtSigterm() throws Exception {
    fill("followed", "1");
    try (CliProcess follower = CliProcess.start(folder, "consume", "followed", "--follow", "--db", database.url())) {
      follower.until("first", () -> follower.outText().equals("1\n"));
      fill("followed", "2");
      follower.until("second", () -> follower.outText().equals("1\n2\n"));

      assertThat(follower.terminate().status()).isEqualTo(143);
      assertThat(follower.errText()).contains("consumed 2 messages");
    }
    assertThat(database.number("select in_flight from howdah.stats('followed')")).isZero();
  }

  @Test
  void whatIsScheduledIsNotWaitedForButMentioned() throws Exception {
    fill("later");
    database.query("select howdah.publish('later', '1', delay => interval '1 hour')");

    Result result = consume("later");

    assertThat(result.status()).isZero();
    assertThat(result.err()).contains("1 messages are not due yet");
  }

  @Test
  void whatADeadConsumerHoldsIsWaitedForAndUntilWhenIsSaidOnce(TestClock clock) throws Exception {
    fill("held", "1", "2");
    database.query("select howdah.claim('held', 10, lease => '1 hour', owner => 'dead')");
    String lapse = database.text("select date_trunc('second', howdah.next_lapse('held'))::text");

    try (CliProcess waiting = CliProcess.start(folder, "consume", "held", "--db", database.url())) {
      waiting.until("said", () -> waiting.errText().contains("waiting for"));
      for (String payload : List.of("3", "4", "5")) { // each is found by another poll
        fill("held", payload);
        waiting.until("found", () -> waiting.outText().endsWith(payload + "\n"));
      }
      clock.advance(Duration.ofHours(1).plusSeconds(1));

      Result result = waiting.finish();
      assertThat(result.status()).as(result.err()).isZero();
      assertThat(result.lines()).containsExactlyInAnyOrder("1", "2", "3", "4", "5");
      assertThat(result.err().lines().filter(line -> line.contains("waiting for"))).singleElement().asString()
          .startsWith("howdah: waiting for 2 messages that other consumers hold")
          .satisfies(line -> assertThat(
              database.text("select (?::timestamptz)::text", line.substring(line.lastIndexOf(' ') + 1)))
              .isEqualTo(lapse));
    } finally {
      clock.reset();
    }
  }

  @Test
  void whatCannotBeConsumedIsSaidInOneLine() throws Exception {
    Result unknown = consume("unknown");

    assertThat(unknown.status()).isEqualTo(3);
    assertThat(unknown.err()).contains("unknown", "does not exist").doesNotContain("\tat ");
    assertThat(CliProcess.call("consume", "q", "--max", "0").err()).contains("--max must be at least 1");
    assertThat(CliProcess.call("consume", "q", "--batch", "10001").err()).contains("--batch must be between");
    assertThat(CliProcess.call("consume", "q", "--lease", "1d").err()).contains("--lease must be between");
    assertThat(CliProcess.call("consume").err()).contains("name a queue");
  }

  private Result consume(String queue, String... more) throws Exception {
    String[] arguments = new String[more.length + 4];
    System.arraycopy(new String[]{"consume", queue, "--db", database.url()}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    return CliProcess.run(folder, arguments);
  }

  private void fill(String queue, String... payloads) {
    database.query("select howdah.create_queue(?)", queue);
    for (String payload : payloads) {
      database.query("select howdah.publish(?, ?::json)", queue, payload);
    }
  }
}
