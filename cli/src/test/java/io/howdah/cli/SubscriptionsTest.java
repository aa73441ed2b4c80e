package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(300)
class SubscriptionsTest {

  @Test
  void theyAreMadeListedAndDropped(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_stream('events')");
    database.query("select howdah.create_queue('jobs')");
    database.query("select howdah.publish('events', '1')");
    run(0, "subscription", "create", "audit", "--stream", "events", "--from", "beginning", "--db", db);
    run(0, "subscription", "create", "billing", "--stream", "events", "--db", db);
    run(0, "subscription", "create", "billing", "--stream", "events", "--db", db);
    run(0, "subscription", "create", "shadow", "--stream", "jobs", "--db", db);

    assertThat(run(0, "subscription", "list", "--db", db).lines()).contains("audit", "billing", "shadow")
        .doesNotContain("jobs");
    assertThat(run(0, "subscription", "list", "--stream", "jobs", "--db", db).lines()).containsExactly("shadow");
    assertThat(run(0, "subscription", "list", "--stream", "events", "--json", "--db", db).out())
        .isEqualTo("[\"audit\",\"billing\"]\n");
    assertThat(run(0, "queue", "list", "--db", db).lines()).contains("jobs").doesNotContain("shadow", "audit");
    run(0, "subscription", "create", "second", "--stream", "events", "--from", "2", "--db", db);
    run(0, "subscription", "create", "since", "--stream", "events", "--from", "2020-01-01T00:00:00Z", "--db", db);
    assertThat(database.text("select string_agg(ready::text, ' ' order by subscription) from howdah.stats() "
        + "where subscription in ('second', 'since')")).isEqualTo("0 1");
    run(0, "subscription", "drop", "second", "--db", db);
    run(0, "subscription", "drop", "since", "--force", "--db", db);
    assertThat(database.text("select string_agg(ready::text, ' ' order by subscription) from howdah.stats() "
        + "where subscription in ('audit', 'billing')")).isEqualTo("1 0");
    assertThat(run(4, "subscription", "drop", "audit", "--db", db).err()).contains("audit", "force");
    run(0, "subscription", "drop", "audit", "--force", "--db", db);
    run(0, "subscription", "drop", "billing", "--db", db);
    assertThat(run(0, "subscription", "list", "--stream", "events", "--db", db).out()).isEmpty();
  }

  @Test
  void theyExpireAndTakeAPart(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_stream('parted')");
    run(0, "subscription", "create", "part", "--stream", "parted", "--expires-after", "10m", "--partition", "2/8",
        "--max-attempts", "3", "--db", db);
    assertThat(database.text("select concat_ws(' ', options ->> 'expires_after', options ->> 'partition', "
        + "options ->> 'max_attempts') from howdah.describe('part')")).isEqualTo("PT10M 2 of 8 3");
    for (String wrong : new String[]{"8", "9/8", "0/8", "a/b"}) {
      assertThat(run(2, "subscription", "create", "x", "--stream", "parted", "--partition", wrong, "--db", db).err())
          .contains("--partition");
    }
  }

  @Test
  void whatTheyAreLikeCanBeChangedAndIsShown(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_stream('altered')");
    run(0, "subscription", "create", "reader", "--stream", "altered", "--ordering", "key", "--db", db);
    run(0, "subscription", "alter", "reader", "--expires-after", "1h", "--partition", "1/2", "--after-expiry",
        "dead-letter", "--blocking", "false", "--retry", "10s", "--concurrency", "3", "--db", db);
    String shown = run(0, "queue", "describe", "reader", "--json", "--db", db).out();
    assertThat(shown).contains("\"ordering\":\"key\",\"blocking\":false", "\"retry\":\"10s\"", "\"concurrency\":3",
        "\"expires_after\":\"1h\",\"partition\":\"1/2\",\"after_expiry\":\"dead-letter\"");
    run(0, "subscription", "alter", "reader", "--expires-after", "never", "--partition", "all", "--db", db);
    assertThat(run(0, "queue", "describe", "reader", "--json", "--db", db).out()).contains("\"blocking\":false",
        "\"expires_after\":\"never\",\"partition\":\"all\",\"after_expiry\":\"dead-letter\"");
    run(0, "queue", "create", "mortal", "--after-expiry", "dead-letter", "--db", db);
    run(0, "queue", "create", "mortal", "--after-expiry", "discard", "--db", db);
    assertThat(database.text("select options ->> 'after_expiry' from howdah.describe('mortal')"))
        .isEqualTo("dead_letter");
    run(0, "queue", "alter", "mortal", "--after-expiry", "discard", "--db", db);
    assertThat(database.text("select options ->> 'after_expiry' from howdah.describe('mortal')")).isEqualTo("discard");
    assertThat(run(2, "subscription", "alter", "reader", "--after-expiry", "keep", "--db", db).err())
        .contains("discard or dead-letter");
    assertThat(run(2, "subscription", "alter", "reader", "--expires-after", "1ms", "--db", db).err())
        .contains("expiresAfter");
    assertThat(run(3, "subscription", "alter", "nobody", "--expires-after", "1h", "--db", db).err()).contains("nobody");
  }

  @Test
  void whoAsksForTheSameGetsTheSameOne(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_stream('shared')");
    String first = run(0, "subscription", "share", "--stream", "shared", "--bind", "a.*", "--expires-after", "10m",
        "--db", db).out();
    assertThat(
        run(0, "subscription", "share", "--stream", "shared", "--bind", "a.*", "--expires-after", "1h", "--db", db)
            .out())
        .isEqualTo(first);
    assertThat(run(0, "subscription", "share", "--stream", "shared", "--bind", "b.*", "--db", db).out())
        .isNotEqualTo(first);
    assertThat(database.text("select options ->> 'expires_after' from howdah.describe(?)", first.strip()))
        .isEqualTo("PT1H");
    assertThat(run(0, "subscription", "share", "--stream", "shared", "--bind", "a.*", "--rate", "5", "--db", db).out())
        .as("one with a limit is another one").isNotEqualTo(first);
    assertThat(run(3, "subscription", "share", "--stream", "nowhere", "--db", db).err()).contains("nowhere");
  }

  @Test
  void theyAreMovedAndShadowed(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_queue('moved')");
    database.query("select howdah.publish_many('moved', '{1,2,3,4}')");
    assertThat(run(0, "subscription", "seek", "moved", "--to", "3", "--db", db).lines())
        .containsExactly("goes on at position 3; back over 0, skipped 2");
    assertThat(run(0, "subscription", "seek", "moved", "--to", "beginning", "--json", "--db", db).out())
        .isEqualTo("{\"position\":1,\"replayed\":2,\"skipped\":0}\n");
    run(0, "subscription", "shadow", "mover", "--of", "moved", "--from", "2", "--db", db);
    assertThat(database.text("select string_agg(ready::text, ' ' order by subscription) from howdah.stats() "
        + "where subscription in ('moved', 'mover')")).isEqualTo("4 3");
    run(0, "subscription", "seek", "moved", "--to", "now", "--drop-unsettled", "--db", db);
    assertThat(run(2, "subscription", "seek", "moved", "--to", "99", "--db", db).err()).contains("99", "future");
    assertThat(run(4, "subscription", "shadow", "mover", "--of", "moved", "--from", "now", "--db", db).err())
        .contains("mover");
    assertThat(run(3, "subscription", "shadow", "other", "--of", "nobody", "--from", "now", "--db", db).err())
        .contains("nobody");
  }

  @Test
  void whatCannotBeIsRefused(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_queue('own')");
    database.query("select howdah.create_queue('other')");
    run(0, "subscription", "create", "taken", "--stream", "own", "--db", db);

    assertThat(run(3, "subscription", "create", "x", "--stream", "nowhere", "--db", db).err()).contains("nowhere");
    assertThat(run(4, "subscription", "create", "taken", "--stream", "other", "--db", db).err()).contains("taken");
    assertThat(run(2, "subscription", "create", "x", "--db", db).err()).contains("--stream");
    assertThat(run(2, "subscription", "create", "x y", "--stream", "own", "--db", db).err()).contains("x y");
    assertThat(run(2, "subscription", "create", "x", "--stream", "own", "--from", "end", "--db", db).err())
        .contains("--from", "now or beginning");
    assertThat(run(3, "subscription", "drop", "nobody", "--db", db).err()).contains("howdah subscription list");
    assertThat(run(4, "subscription", "drop", "own", "--force", "--db", db).err()).contains("howdah queue drop own");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
