package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ordered queues and their blocked keys, from the command line. */
@HowdahTest
@Timeout(300)
class BlockedTest {

  @Test
  void aKeyIsListedParkedRetriedRejectedAndSkipped(TestDatabase database) {
    String db = database.url();
    run(0, "queue", "create", "q", "--ordering", "key", "--retry", "1h", "--after-last", "block", "--db", db);
    assertThat(run(0, "queue", "describe", "q", "--json", "--db", db).out()).contains("\"ordering\":\"key\"",
        "\"blocking\":true", "\"after_last\":\"block\"");
    database.query("select howdah.publish_many('q', array['1', '2', '3'], keys => array['a', 'a', 'a'])");
    fail(database);
    assertThat(run(0, "blocked", "list", "q", "--db", db).lines()).hasSize(2).last().asString().contains("a", "busy");
    assertThat(run(0, "queue", "stats", "q", "--json", "--db", db).out()).contains("\"blocked\":3");
    run(0, "blocked", "park", "q", "a", "--db", db);
    assertThat(run(0, "blocked", "list", "q", "--json", "--db", db).out()).contains("\"key\":\"a\"", "\"attempts\":1",
        "\"due\":\"parked\"", "\"reason\":\"busy\"", "\"waiting\":3");
    run(0, "blocked", "retry", "q", "a", "--db", db);
    fail(database);
    run(0, "blocked", "reject", "q", "a", "--reason", "hopeless", "--db", db);
    assertThat(run(0, "dead-letter", "list", "q", "--db", db).out()).contains("hopeless");
    fail(database);
    run(0, "blocked", "skip", "q", "a", "--db", db);
    assertThat(run(0, "queue", "stats", "q", "--json", "--db", db).out()).contains("\"discarded\":1", "\"ready\":1");
    assertThat(run(4, "blocked", "skip", "q", "a", "--db", db).err()).contains("\"a\"", "not blocked");
    assertThat(run(3, "blocked", "list", "nowhere", "--db", db).err()).contains("nowhere");
  }

  private static void fail(TestDatabase database) {
    database.query("""
        select howdah.settle(token, array[position], array['retry'], reasons => array['busy'])
        from (select * from howdah.claim('q', 10) order by position limit 1) c""");
  }

  @Test
  void anOrderIsChosenOnceAndItsBlockingCanBeChanged(TestDatabase database) {
    String db = database.url();
    run(0, "queue", "create", "s", "--ordering", "strict", "--db", db);
    run(0, "queue", "alter", "s", "--blocking", "false", "--db", db);
    assertThat(run(0, "queue", "describe", "s", "--json", "--db", db).out()).contains("\"ordering\":\"strict\"",
        "\"blocking\":false");
    assertThat(run(2, "queue", "alter", "s", "--ordering", "key", "--db", db).err()).contains("cannot be changed");
    assertThat(run(2, "queue", "create", "t", "--ordering", "fifo", "--db", db).err()).contains("none, key, strict");
    assertThat(run(2, "queue", "create", "t", "--blocking", "true", "--db", db).err()).contains("needs an order");
    run(0, "subscription", "create", "sub", "--stream", "s", "--ordering", "key", "--db", db);
    assertThat(run(0, "queue", "describe", "sub", "--json", "--db", db).out()).contains("\"ordering\":\"key\"");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
