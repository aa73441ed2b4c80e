package io.howdah.engine.traps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.schema.Schema;
import io.howdah.testkit.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers: a dump goes from one to the other (T37, D9). Needs pg_dump and psql of PostgreSQL 15 or newer. */
class RestoreTest {
  private static final String CLAIM = "select payload::text from howdah.claim('q', 100)";
  private static final String NEXT = "select position || ' ' || payload from howdah.claim('q', 100) union all "
      + "select position || ' ' || payload from howdah.claim('q', 100)";

  private static EmbeddedPostgres server(Path directory) {
    return EmbeddedPostgres.start(EmbeddedOptions.ephemeral(directory).withSetting("max_prepared_transactions", "5")
        .withBinaries(Path.of(System.getProperty("howdah.postgresql15", ""))));
  }

  private static boolean run(EmbeddedPostgres server, List<String> command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of("--host", server.host(), "--port", String.valueOf(server.port()), "--username", server.user(),
        "--dbname", "postgres"));
    ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
    builder.environment().put("PGPASSWORD", server.password());
    Process process = builder.start();
    return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  private static Optional<Integer> version(String program) {
    try {
      Process process = new ProcessBuilder(program, "--version").start();
      Matcher number = Pattern.compile("\\) (\\d+)")
          .matcher(new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
      return number.find() ? Optional.of(Integer.valueOf(number.group(1))) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Rows sql(EmbeddedPostgres server, String sql) throws SQLException {
    try (Connection connection = server.dataSource("postgres").getConnection()) {
      return Rows.of(connection, sql);
    }
  }

  /** A server whose transaction ids are far ahead of a fresh one's. */
  private static void fillOld(EmbeddedPostgres old) throws SQLException {
    Schema.of(old.dataSource("postgres")).install();
    sql(old, "do $$ begin for i in 1..5000 loop perform pg_current_xact_id(); commit; end loop; end $$");
    sql(old, "select howdah.create_queue('q'), howdah.create_queue('untouched')");
    sql(old, "select howdah.publish('untouched', '0')");
    sql(old, "select howdah.publish_many('q', array['1', '2', '3'])");
    sql(old, "select howdah.settle(token) from howdah.claim('q', 2) limit 1");
    sql(old, "select count(*) from howdah.claim('q', 1, '10 ms')");
    sql(old, "select howdah.publish('q', '4')");
    sql(old, "select howdah.publish('q', '5', delay => '10 ms')");
  }

  @Test
  void aRestoredDumpGoesOnWhereItStoodAndMissesNothingThatIsPublishedThere(@TempDir Path directory) throws Exception {
    Path dump = directory.resolve("dump.sql");
    try (EmbeddedPostgres fresh = server(directory)) {
      try (EmbeddedPostgres old = server(directory)) {
        fillOld(old);
        dump(old, dump);
      }
      restore(fresh, dump);
      assertThat(sql(fresh, "select pg_current_xact_id()::text::bigint < max(upper(seen)) from howdah.tick").text())
          .as("ids of the dump lie in the future").isEqualTo("true");
      goesOn(fresh);
    }
  }

  /** The transaction ids of the server in the middle mean nothing in the last one, and no epoch tells of them. */
  @Test
  void whatIsPublishedBetweenTwoRestoresIsNotLostThoughNothingWasSequencedThere(@TempDir Path directory)
      throws Exception {
    Path dump = directory.resolve("dump.sql");
    try (EmbeddedPostgres last = server(directory)) {
      try (EmbeddedPostgres middle = server(directory)) {
        try (EmbeddedPostgres old = server(directory)) {
          fillOld(old);
          dump(old, dump);
        }
        restore(middle, dump);
        sql(middle, "select howdah.publish('q', '6')");
        sql(middle, "select howdah.publish('q', '7')");
        dump(middle, dump);
      }
      restore(last, dump);
      sql(last, "select howdah.publish('q', '8')");
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        all.addAll(sql(last, NEXT).texts());
      }
      assertThat(all).containsExactlyInAnyOrder("3 3", "4 4", "5 6", "6 7", "7 8", "8 5");
    }
  }

  /** Once a stream was looked at after a restore nobody searches all of it again. */
  @Test
  void aStreamThatARestoreLeftNothingBehindInIsSearchedOnce(@TempDir Path directory) throws Exception {
    Path dump = directory.resolve("dump.sql");
    try (EmbeddedPostgres fresh = server(directory)) {
      try (EmbeddedPostgres old = server(directory)) {
        fillOld(old);
        sql(old, "select howdah.sequence('untouched')");
        dump(old, dump);
      }
      restore(fresh, dump);
      assertThat(sql(fresh, "select payload::text from howdah.claim('untouched', 10)").texts()).containsExactly("0");
      assertThat(sql(fresh, CLAIM.replace("'q'", "'untouched'")).texts()).isEmpty();
      assertThat(sql(fresh, """
          select count(*) from howdah.tick t join howdah.stream s on s.id = t.stream
          where s.name = 'untouched' and t.epoch = (select max(no) from howdah.epoch)""").number()).isEqualTo(1);
      sql(fresh, "select howdah.publish('untouched', '1')");
      assertThat(sql(fresh, "select position || ' ' || payload from howdah.claim('untouched', 10)").texts())
          .containsExactly("2 1");
    }
  }

  private static void dump(EmbeddedPostgres server, Path file) throws IOException, InterruptedException {
    assumeTrue(version("pg_dump").orElse(0) >= 15 && version("psql").isPresent(),
        "no pg_dump of PostgreSQL 15 or newer");
    assertThat(run(server, List.of("pg_dump", "--schema=howdah", "--file", file.toString()))).isTrue();
    assertThat(Files.size(file)).isPositive();
  }

  private static void restore(EmbeddedPostgres server, Path file) throws IOException, InterruptedException {
    assertThat(run(server,
        List.of("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "--output", "/dev/null", "--file", file.toString())))
        .isTrue();
  }

  private static void goesOn(EmbeddedPostgres fresh) throws SQLException {
    try (Connection running = fresh.dataSource("postgres").getConnection()) {
      running.setAutoCommit(false);
      Rows.of(running, "select howdah.publish('q', '6')");
      sql(fresh, "select howdah.publish('q', '7')");

      List<String> first = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        first.addAll(sql(fresh, NEXT).texts());
      }
      assertThat(first).as("what lapsed, what had no position, what was due, what is new")
          .containsExactlyInAnyOrder("3 3", "4 4", "5 7", "6 5");
      running.commit();
    }
    assertThat(sql(fresh, NEXT).texts()).containsExactly("7 6");
    assertThat(sql(fresh, "select payload::text from howdah.claim('untouched', 10)").texts()).containsExactly("0");
    sql(fresh, "select howdah.publish('untouched', '1')");
    assertThat(sql(fresh, "select position || ' ' || payload from howdah.claim('untouched', 10)").texts())
        .containsExactly("2 1");
    assertThat(sql(fresh, CLAIM).texts()).isEmpty();
  }

  /** T36: the copy goes on from an older state, and gives a position again that the original has given to another message. */
  @Test
  void aPromotedCopyOpensAnEpochAndGoesOn(@TempDir Path directory) throws Exception {
    EmbeddedOptions original = EmbeddedOptions.durable(directory.resolve("original"))
        .withSetting("max_prepared_transactions", "5");
    try (EmbeddedPostgres old = EmbeddedPostgres.start(original)) {
      Schema.of(old.dataSource("postgres")).install();
      sql(old, "select howdah.create_queue('q')");
      sql(old, "select howdah.publish_many('q', array['1', '2'])");
      assertThat(sql(old, CLAIM).texts()).containsExactly("1", "2");
      sql(old, "begin; select howdah.publish('q', '3'); prepare transaction 'before'");
    }
    copy(directory.resolve("original"), directory.resolve("copy"));
    try (EmbeddedPostgres old = EmbeddedPostgres.start(original)) {
      sql(old, "select howdah.publish('q', '\"original\"')");
      assertThat(sql(old, NEXT).texts()).containsExactly("3 \"original\"");
      sql(old, "commit prepared 'before'");
      assertThat(sql(old, NEXT).texts()).as("T06: prepared before a restart").containsExactly("4 3");
      assertThat(sql(old, "select count(*) from howdah.epoch").number()).isEqualTo(1);
    }
    EmbeddedOptions promoted = EmbeddedOptions.durable(directory.resolve("copy"))
        .withSetting("max_prepared_transactions", "5").withSetting("restore_command", "false")
        .withSetting("hot_standby", "off"); // nobody is let in before the promotion is over
    try (EmbeddedPostgres copy = EmbeddedPostgres.start(promoted)) {
      sql(copy, "select howdah.publish('q', '\"copy\"')");
      assertThat(sql(copy, NEXT).texts()).containsExactly("3 \"copy\"");
      sql(copy, "commit prepared 'before'");
      assertThat(sql(copy, NEXT).texts()).containsExactly("4 3");
      assertThat(sql(copy, "select timeline from howdah.epoch order by no").texts()).containsExactly("00000001",
          "00000002");
      assertThat(sql(copy, "select count(distinct first_seq) from howdah.epoch").number()).isEqualTo(1);
    }
  }

  /** A copy that ends its recovery at the end of what it has, on a timeline of its own. */
  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    assumeTrue(new ProcessBuilder("cp", "-a", from.toString(), to.toString()).inheritIO().start().waitFor() == 0,
        "no cp -a");
    Path version = to.resolve("pgdata").resolve("PG_VERSION");
    assumeTrue(new ProcessBuilder("cp", "-a", version.toString(), version.resolveSibling("recovery.signal").toString())
        .inheritIO().start().waitFor() == 0, "no cp -a");
  }
}
