package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cli.CliProcess.Result;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code howdah archive}. */
@HowdahTest
@Timeout(300)
class ArchiveTest {

  @Test
  void whatIsArchivedIsListedExportedPublishedAgainAndDeleted(TestDatabase database) {
    String db = database.url();
    database.query("select howdah.create_queue('jobs'), howdah.create_queue('audit')");
    database.query("select howdah.publish_many('jobs', array['1', '{\"n\": 2}', '3'], keys => array['a', 'b', 'c'])");
    database.query("""
        select howdah.settle(token, array_agg(position), array_agg('archive'::text)) from howdah.claim('jobs', 3)
        group by token""");

    assertThat(run(0, "archive", "list", "jobs", "--db", db).lines()).hasSize(4);
    assertThat(run(0, "archive", "count", "jobs", "--since", "1h", "--db", db).out()).isEqualTo("3\n");
    assertThat(run(0, "archive", "export", "jobs", "--db", db).lines()).hasSize(3)
        .anyMatch(line -> line.contains("\"key\":\"b\"") && line.endsWith("\"payload\":{\"n\": 2}}"));
    assertThat(run(0, "archive", "republish", "jobs", "--key", "b", "--dry-run", "--db", db).out())
        .isEqualTo("would publish 1\n");
    assertThat(run(0, "archive", "republish", "jobs", "--key", "b", "--to", "audit", "--db", db).out())
        .isEqualTo("published 1\n");
    assertThat(database.text("select payload from howdah.claim('audit')")).isEqualTo("{\"n\": 2}");
    run(0, "archive", "retain", "jobs", "30d", "--db", db);
    assertThat(database.text("select options ->> 'archive_retention' from howdah.describe('jobs')"))
        .isEqualTo("PT720H");
    run(0, "archive", "retain", "jobs", "infinite", "--db", db);
    assertThat(run(2, "archive", "retain", "jobs", "soon", "--db", db).err()).contains("soon");
    assertThat(run(2, "archive", "purge", "jobs", "--db", db).err()).contains("--all");
    assertThat(run(0, "archive", "purge", "jobs", "--key", "a", "--db", db).out()).isEqualTo("deleted 1\n");
    assertThat(run(0, "archive", "purge", "jobs", "--all", "--db", db).out()).isEqualTo("deleted 2\n");
    assertThat(run(3, "archive", "count", "nowhere", "--db", db).err()).contains("nowhere");
  }

  private static Result run(int status, String... arguments) {
    Result result = CliProcess.call(arguments);
    assertThat(result.status()).as(result.err()).isEqualTo(status);
    return result;
  }
}
