package io.howdah.engine.plans;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** At 100,000 messages, whatever the planner knows or believes to know of the tables, no hot function reads one from end to end. */
class HotStatementsUseTheirIndexTest {
  private static final int MESSAGES = 100_000;
  private static final int SCHEDULED = 5_000;

  /** What the planner knows. */
  enum Statistics {
    /** Nothing: no table was ever analyzed. */
    NONE,
    /** They were analyzed when they held ten rows. */
    STALE,
    /** They were analyzed just now. */
    FRESH
  }

  @ParameterizedTest
  @EnumSource
  void noGrowingTableIsReadFromEndToEnd(Statistics statistics) throws SQLException {
    try (TestDatabase database = TestServer.shared().createDatabase()) {
      fill(database, statistics);
      Map<String, Set<String>> scans = new LinkedHashMap<>();
      try (Probe probe = new Probe(database)) {
        for (String statement : hotStatements(database)) {
          scans.put(statement, probe.sequentialScans(statement));
        }
      }
      assertThat(scans).allSatisfy((statement, scanned) -> assertThat(scanned).as(statement).isEmpty());
    }
  }

  @Test
  void aReadFromEndToEndWouldBeNoticed() throws SQLException {
    try (TestDatabase database = TestServer.shared().createDatabase(); Probe probe = new Probe(database)) {
      assertThat(probe.sequentialScans("select count(*) from howdah.log")).contains("log_0 1").hasSize(8);
      assertThat(probe.sequentialScans("do $$ begin perform count(*) from howdah.due; end $$"))
          .containsExactly("due 1");
    }
  }

  private static void fill(TestDatabase database, Statistics statistics) {
    database.query("select howdah.create_queue('jobs'); select howdah.create_queue('other')");
    Backlog.publish(database, "other", 10);
    Backlog.publish(database, "jobs", 10);
    Backlog.settleSlices(database, "jobs", 1, 10);
    if (statistics == Statistics.STALE) {
      database.query("analyze");
    }
    Backlog.publish(database, "other", MESSAGES / 2);
    Backlog.publish(database, "jobs", MESSAGES / 2);
    Backlog.settleSlices(database, "jobs", 50, 10);
    database.query("""
        select cardinality(howdah.publish_many('jobs', array_agg('1'::text), delays => array_agg(n * interval '1 min')))
        from generate_series(1, ?) n""", SCHEDULED);
    if (statistics == Statistics.FRESH) {
      database.query("analyze");
    }
  }

  private static String[] hotStatements(TestDatabase database) {
    String one = token(database);
    String two = token(database);
    String three = token(database);
    String four = token(database);
    return new String[]{"select howdah.publish('jobs', '{}')",
        "select howdah.publish_many('jobs', array['1', '2'], delays => array['1 s', null]::interval[])",
        "select howdah.sequence('jobs')", "select * from howdah.claim('jobs', 1)",
        "select * from howdah.claim('jobs', 500)", "select * from howdah.peek('jobs', 10)",
        "select howdah.renew('%s', '10 s')".formatted(one), "select howdah.settle('%s')".formatted(one),
        "select howdah.release('%s')".formatted(two), settleItems(database, three),
        "select * from howdah.settle_and_claim('%s', 'jobs', 100, '30 s', null)".formatted(four),
        "select howdah.promote()", "select howdah.next_due('jobs')", "select howdah.next_lapse('jobs')",
        "select * from howdah.stats()", "select * from howdah.housekeep()"};
  }

  private static String token(TestDatabase database) {
    return database.texts("select token from howdah.claim('jobs', 10)").getFirst();
  }

  private static String settleItems(TestDatabase database, String token) {
    String positions = database.text(
        """
            select array_agg(n)::text from (
              select generate_series(s.from_pos, s.to_pos) as n from howdah.slice s where s.no = split_part(?, '.', 3)::bigint
                and s.sub = split_part(?, '.', 2)::int limit 3) p""",
        token, token);
    return "select howdah.settle('%s', '%s', '{retry,reject,release}')".formatted(token, positions);
  }
}
