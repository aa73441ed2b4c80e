package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.schema.Schema;
import io.howdah.testkit.Rows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All processes of a PostgreSQL with fsync on die by kill -9 under load, twice, and it starts again on the same data. */
@SuppressWarnings("try") // publishers and workers do their work by being open
class KilledServerTest {
  private static final int KILLS = 2;
  private static final String ALL_LEASES_RUN_OUT = """
      do $$
      begin
        execute replace(pg_get_functiondef('howdah.now()'::regprocedure), 'clock_timestamp()',
          '(clock_timestamp() + interval ''%d s'')');
      end
      $$""".formatted(Remainder.ALL_LEASES.toSeconds());

  @Test
  void whatWasAcknowledgedSurvivesAndPublishersAndWorkersGoOnByThemselves(@TempDir Path directory) throws SQLException {
    Evidence evidence = new Evidence("orders");
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedOptions.durable(directory.resolve("data")))) {
      DataSource dataSource = postgres.dataSource("postgres");
      assertThat(query(dataSource, "show fsync")).isEqualTo("on");
      Schema.of(dataSource).install();
      try (Howdah howdah = Howdah.open(dataSource)) {
        howdah.queue("orders").create();
        try (Publishing publishers = Publishing.start(howdah, evidence, "publisher");
            Consuming worker = Consuming.start(howdah, evidence, "worker")) {
          for (int i = 0; i < KILLS; i++) {
            evidence.awaitProgress(300);
            postgres.kill();
            postgres.restart();
          }
          evidence.awaitProgress(300);
        }
        assertThat(Schema.of(dataSource).verify().isClean()).isTrue();
        query(dataSource, ALL_LEASES_RUN_OUT + "; select 1");
        Remainder.consumeAndJudge(howdah, evidence);
      }
    }
  }

  private static String query(DataSource dataSource, String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return Rows.of(connection, sql).text();
    }
  }
}
