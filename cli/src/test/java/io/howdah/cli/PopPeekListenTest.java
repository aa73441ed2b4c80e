package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages are looked at, taken for good, or followed as they come. */
@HowdahTest
@Timeout(300)
class PopPeekListenTest {

  private final TestDatabase database;
  private final String db;

  @TempDir
  private Path folder;

  PopPeekListenTest(TestDatabase database) {
    this.database = database;
    this.db = database.url();
  }

  private static Result call(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }

  @Test
  void peekShowsOneQueueOrAllWithOrWithoutWhatIsInFlight() {
    database.query("""
        select howdah.create_queue('a'), howdah.create_queue('b'),
          howdah.publish('a', '{"n": 1}', 'order.new', 'k', '{"h": "v"}')""");
    database.query("select howdah.publish('a', to_json(repeat('x', 80)))");
    database.query("select howdah.publish_bytes('b', '\\x00ff', 'image/png')");

    assertThat(call(0, "peek", "a", "--db", db).lines()).hasSize(3).element(1).asString()
        .matches("a +1  order.new  k +\\S+  \\{\"n\": 1\\}");
    assertThat(call(0, "peek", "a", "--db", db).lines().getLast()).endsWith("xxx…").hasSizeLessThan(140);
    assertThat(call(0, "peek", "--max", "1", "--db", db).lines()).hasSize(3).last().asString()
        .endsWith("2 bytes of image/png");
    assertThat(call(0, "peek", "b", "--json", "--db", db).out()).startsWith("{\"subscription\":\"b\",\"id\":\"")
        .contains("\"content_type\":\"image/png\",\"bytes\":\"AP8=\"");
    assertThat(call(0, "peek", "a", "--max", "1", "--json", "--db", db).out())
        .contains("\"topic\":\"order.new\",\"key\":\"k\",\"headers\":{\"h\":\"v\"}", "\"payload\":{\"n\": 1}}");
    database.query("select howdah.claim('a', 10)");
    assertThat(call(0, "peek", "a", "--db", db).out()).isEmpty();
    assertThat(call(0, "peek", "a", "--in-flight", "--db", db).lines()).hasSize(3);
    assertThat(call(3, "peek", "nobody", "--db", db).err()).contains("nobody");
    assertThat(call(2, "peek", "--max", "0", "--db", db).err()).contains("--max");
    database.query("select howdah.drop_queue('a', true), howdah.drop_queue('b', true)");
  }

  @Test
  void popTakesMessagesForGood() throws Exception {
    database.query("select howdah.create_queue('popped')");
    database.query("select howdah.publish_many('popped', '{1,2,3}')");
    database.query("select howdah.publish_bytes('popped', '\\x00ff', 'image/png')");

    assertThat(CliProcess.run(folder, "pop", "popped", "--db", db).out()).isEqualTo("1\n");
    assertThat(CliProcess.run(folder, "pop", "popped", "--max", "10", "--db", db).out()).isEqualTo("2\n3\n\"AP8=\"\n");
    assertThat(database.number("select ready + in_flight from howdah.stats('popped')")).isZero();
    assertThat(CliProcess.run(folder, "pop", "popped", "--db", db).out()).isEmpty();
    assertThat(CliProcess.run(folder, "pop", "nobody", "--db", db)).satisfies(result -> {
      assertThat(result.status()).isEqualTo(3);
      assertThat(result.err()).contains("nobody");
    });
    assertThat(call(2, "pop", "popped", "--max", "10001", "--db", db).err()).contains("--max");
  }

  @Test
  void listenFollowsAStreamByTopicAndPlaceAndLeavesNothingBehind() throws Exception {
    database.query("select howdah.create_stream('heard')");
    for (int i = 1; i <= 4; i++) {
      database.query("select howdah.publish('heard', ?::json, topic => ?)", String.valueOf(i),
          i % 2 == 0 ? "even.number" : "odd.number");
    }
    assertThat(
        CliProcess.run(folder, "listen", "heard", "--from", "2", "--topic", "even.*", "--max", "2", "--db", db).out())
        .isEqualTo("2\n4\n");
    Result all = CliProcess.run(folder, "listen", "heard", "--from", "beginning", "--idle", "1s", "--json", "--db", db);
    assertThat(all.lines()).hasSize(4).first().asString().contains("\"position\":1,", "\"payload\":1");
    assertThat(all.err()).contains("heard 4 messages");
    try (CliProcess listening = CliProcess.start(folder, "listen", "heard", "--topic", "even.#", "--max", "1", "--db",
        db)) {
      listening.until("its subscription",
          () -> database.number("select count(*) from howdah.stats() where subscription like 'listen/heard/%'") == 1);
      database.query("select howdah.publish('heard', '5', topic => 'odd.number')");
      database.query("select howdah.publish('heard', '6', topic => 'even.number')");
      assertThat(listening.finish().out()).isEqualTo("6\n");
    }
    assertThat(database.number("select count(*) from howdah.stats() where stream = 'heard'")).isZero();
    assertThat(CliProcess.run(folder, "listen", "nowhere", "--db", db)).satisfies(result -> {
      assertThat(result.status()).isEqualTo(3);
      assertThat(result.err()).contains("nowhere");
    });
    assertThat(call(2, "listen", "heard", "--from", "end", "--db", db).err()).contains("--from");
    assertThat(CliProcess.run(folder, "listen", "heard", "--topic", "a..b", "--db", db).status()).isEqualTo(2);
  }
}
