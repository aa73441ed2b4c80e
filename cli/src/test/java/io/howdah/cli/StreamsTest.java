package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(300)
class StreamsTest {

  private final TestDatabase database;
  private final String db;

  StreamsTest(TestDatabase database) {
    this.database = database;
    this.db = database.url();
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }

  private String options(String stream) {
    return database.text("""
        select concat_ws(' ', options->>'retention', options->>'once_window', options->>'max_payload', options->>'ttl',
          options->>'headers', options->>'unroutable', options->>'park_in')
        from howdah.describe_stream(?)""", stream);
  }

  @Test
  void theyAreMadeWithOptionsChangedDescribedListedAndDropped() {
    database.query("select howdah.create_queue('lost')");
    run(0, "stream", "create", "events", "--retention", "12h", "--once-window", "1m", "--max-payload", "4kB", "--ttl",
        "30s", "--header", "source=shop", "--header", "lang=de", "--unroutable", "park", "--park-in", "lost", "--db",
        db);
    assertThat(options("events")).isEqualTo("PT12H PT1M 4096 PT30S {\"lang\":\"de\",\"source\":\"shop\"} park lost");
    run(0, "stream", "alter", "events", "--ttl", "infinite", "--no-headers", "--unroutable", "drop", "--db", db);
    assertThat(options("events")).isEqualTo("PT12H PT1M 4096 infinite {} drop");
    run(0, "stream", "alter", "lost", "--max-payload", "100", "--header", "type=lost.one", "--db", db);
    assertThat(options("lost")).endsWith("100 infinite {\"type\":\"lost.one\"} keep");

    assertThat(run(0, "stream", "list", "--db", db).lines()).containsExactly("events");
    assertThat(run(0, "stream", "list", "--json", "--db", db).out()).isEqualTo("[\"events\"]\n");
    assertThat(run(0, "stream", "describe", "events", "--db", db).lines()).hasSize(2).last().asString()
        .startsWith("events  stream").contains("12h", "1m", "4096", "infinite", "drop");
    assertThat(run(0, "stream", "describe", "lost", "--json", "--db", db).out()).isEqualTo("{\"stream\":\"lost\","
        + "\"kind\":\"queue\",\"published\":0,\"unrouted\":0,\"retention\":\"0s\",\"once_window\":\"5m\","
        + "\"max_payload\":100,\"ttl\":\"infinite\",\"headers\":{\"type\":\"lost.one\"},\"unroutable\":\"keep\","
        + "\"park_in\":null}\n");
    assertThat(run(0, "stream", "describe", "--db", db).lines()).anyMatch(line -> line.startsWith("events "))
        .anyMatch(line -> line.startsWith("lost "));

    run(0, "subscription", "create", "reader", "--stream", "events", "--db", db);
    assertThat(run(4, "stream", "drop", "events", "--db", db).err()).contains("reader");
    run(0, "stream", "drop", "events", "--force", "--db", db);
    assertThat(run(0, "stream", "list", "--db", db).out()).isEmpty();
  }

  @Test
  void whatIsNotSaidIsAsTheFleetIsConfigured() {
    database.query("select howdah.configure('stream_retention', '3 days'), howdah.configure('max_payload', '2 MB')");
    run(0, "stream", "create", "configured", "--ttl", "1h", "--db", db);
    database.query("select howdah.configure('stream_retention', null), howdah.configure('max_payload', null)");
    assertThat(options("configured")).isEqualTo("PT72H PT5M 2097152 PT1H {} keep");
    run(0, "stream", "drop", "configured", "--db", db);
  }

  @Test
  void whatCannotBeIsRefused() {
    database.query("select howdah.create_queue('own')");
    assertThat(run(2, "stream", "create", "x", "--unroutable", "park", "--db", db).err()).contains("--park-in");
    assertThat(run(2, "stream", "create", "x", "--unroutable", "keep", "--park-in", "own", "--db", db).err())
        .contains("belong together");
    assertThat(run(2, "stream", "create", "x", "--unroutable", "away", "--db", db).err()).contains("keep, error");
    assertThat(run(2, "stream", "create", "x", "--max-payload", "1GB", "--db", db).err()).contains("--max-payload");
    assertThat(run(2, "stream", "create", "x", "--max-payload", "257MB", "--db", db).err()).contains("256MB");
    assertThat(run(2, "stream", "create", "x", "--ttl", "soon", "--db", db).err()).contains("--ttl");
    assertThat(run(2, "stream", "alter", "own", "--header", "a=b", "--no-headers", "--db", db).err())
        .contains("exclude each other");
    assertThat(run(3, "stream", "create", "x", "--unroutable", "park", "--park-in", "nowhere", "--db", db).err())
        .contains("nowhere");
    assertThat(run(3, "stream", "alter", "nowhere", "--ttl", "1h", "--db", db).err()).contains("nowhere");
    assertThat(run(3, "stream", "describe", "nowhere", "--db", db).err()).contains("nowhere");
    assertThat(run(3, "stream", "drop", "nowhere", "--db", db).err()).contains("howdah stream list");
    assertThat(run(4, "stream", "drop", "own", "--force", "--db", db).err()).contains("howdah queue drop own");
    assertThat(run(4, "stream", "create", "own", "--db", db).err()).contains("own", "queue");
  }
}
