package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code howdah dead-letter}. */
@HowdahTest
@Timeout(300)
class DeadLettersTest {

  private final TestDatabase database;
  private final String db;

  DeadLettersTest(TestDatabase database) {
    this.database = database;
    this.db = database.url();
  }

  private void letters(String queue, int count) {
    database.query("select howdah.create_queue(?)", queue);
    database.query("select howdah.publish_many(?, array(select format('{\"n\": %s}', n) from generate_series(1, ?) n))",
        queue, count);
    database.query(
        """
            select howdah.settle(token, array_agg(position), array_agg('reject'::text), reasons => array_agg('bad ' || position))
            from howdah.claim(?, ?) group by token""",
        queue, count);
  }

  private String id(String queue, int position) {
    return database.text("select id from howdah.dead_letters(?, json_build_object('reason', 'bad ' || ?))", queue,
        position);
  }

  @Test
  void theyAreListedShownCorrectedAndRedriven() {
    letters("jobs", 3);
    assertThat(run(0, "dead-letter", "list", "jobs", "--db", db).lines()).hasSize(4)
        .anyMatch(line -> line.contains("bad 3"));
    assertThat(run(0, "dead-letter", "list", "--text", "BAD 2", "--since", "1h", "--json", "--db", db).lines())
        .singleElement().asString().contains("\"reason\":\"bad 2\"", "\"payload\":{\"n\": 2}", "\"attempts\":1");
    assertThat(run(0, "dead-letter", "list", "jobs", "--until", "2h", "--db", db).out()).isEmpty();

    String second = id("jobs", 2);
    run(0, "dead-letter", "edit", "jobs", second, "{\"n\": 22}", "--db", db);
    assertThat(run(0, "dead-letter", "show", "jobs", second, "--db", db).out()).contains("{\"n\": 22}");
    assertThat(run(0, "dead-letter", "redrive", "jobs", "--id", second, "--dry-run", "--db", db).out())
        .isEqualTo("would redrive 1\n");
    assertThat(run(0, "dead-letter", "redrive", "jobs", "--id", second, "--db", db).out()).isEqualTo("redriven 1\n");
    assertThat(run(0, "dead-letter", "redrive", "jobs", "--id", second, "--db", db).out()).isEqualTo("redriven 0\n");
    assertThat(database.text("select payload from howdah.claim('jobs')")).isEqualTo("{\"n\": 22}");
    database.query("select howdah.create_queue('repair')");
    assertThat(
        run(0, "dead-letter", "redrive", "jobs", "--to", "repair", "--rate", "1000", "--batch", "1", "--db", db).out())
        .isEqualTo("redriven 2\n");
    assertThat(database.number("select ready + scheduled from howdah.stats('repair')")).isEqualTo(2);
  }

  @Test
  void theyAreDeletedOnlyIfItIsSaidWhich() {
    letters("old", 4);
    assertThat(run(0, "dead-letter", "delete", "old", id("old", 1), "--db", db).out()).isEqualTo("deleted 1\n");
    assertThat(run(2, "dead-letter", "purge", "old", "--db", db).err()).contains("--all");
    assertThat(run(0, "dead-letter", "purge", "old", "--dry-run", "--db", db).out()).isEqualTo("would delete 3\n");
    assertThat(run(0, "dead-letter", "purge", "old", "--reason", "bad 2", "--db", db).out()).isEqualTo("deleted 1\n");
    assertThat(run(0, "dead-letter", "purge", "old", "--all", "--db", db).out()).isEqualTo("deleted 2\n");
  }

  @Test
  void whatCannotBeIsRefused() {
    letters("q", 1);
    String nobody = UUID.randomUUID().toString();
    assertThat(run(3, "dead-letter", "list", "nowhere", "--db", db).err()).contains("nowhere");
    assertThat(run(3, "dead-letter", "show", "q", nobody, "--db", db).err()).contains("howdah dead-letter list q");
    assertThat(run(3, "dead-letter", "edit", "q", nobody, "1", "--db", db).err()).contains(nobody);
    assertThat(run(2, "dead-letter", "edit", "q", id("q", 1), "no json", "--db", db).err()).contains("json");
    assertThat(run(3, "dead-letter", "delete", "q", nobody, "--db", db).err()).contains(nobody);
    assertThat(run(2, "dead-letter", "redrive", "q", "--rate", "0", "--db", db).err()).contains("perSecond");
    assertThat(run(3, "dead-letter", "redrive", "q", "--to", "nowhere", "--db", db).err()).contains("nowhere");
    assertThat(run(2, "dead-letter", "list", "q", "--since", "soon", "--db", db).err()).contains("--since");
    assertThat(run(2, "dead-letter", "show", "q", "7", "--db", db).err()).contains("7");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
