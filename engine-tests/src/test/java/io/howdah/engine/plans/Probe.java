package io.howdah.engine.plans;

import io.howdah.testkit.Rows;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One session that runs statements and tells how PostgreSQL came to its rows, functions within functions included. */
final class Probe implements AutoCloseable {
  /** Tables that grow with traffic; the others have a row per stream or per subscription. */
  private static final String SEQUENTIAL_SCANS = """
      select relname || ' ' || seq_scan from pg_stat_xact_user_tables
      where schemaname = 'howdah' and seq_scan > 0
        and relname ~ '^(log|tick|slice|closed|part|held|due|dead_letter)(_[0-7])?$'
      order by relname""";
  private static final String ROWS_FETCHED = """
      select coalesce(sum(idx_tup_fetch), 0) from pg_stat_xact_user_tables
      where schemaname = 'howdah' and relname like ? || '%'""";
  private static final Pattern PAGES = Pattern.compile("\"Shared (?:Hit|Read) Blocks\": (\\d+)");

  private final Connection connection;

  Probe(TestDatabase database) throws SQLException {
    connection = database.connect();
    connection.setAutoCommit(false);
  }

  /** Runs a statement in a transaction of its own; returns the growing tables that it read from end to end. */
  Set<String> sequentialScans(String sql) throws SQLException {
    List<String> before = Rows.of(connection, SEQUENTIAL_SCANS).texts();
    Rows.of(connection, sql);
    Set<String> scanned = new TreeSet<>(Rows.of(connection, SEQUENTIAL_SCANS).texts());
    connection.commit();
    before.forEach(scanned::remove);
    return scanned;
  }

  /** Runs a statement in a transaction of its own; returns how many rows of a ring it fetched through its indexes. */
  long rowsFetched(String ring, String sql) throws SQLException {
    long before = Rows.of(connection, ROWS_FETCHED, ring).number();
    Rows.of(connection, sql);
    long after = Rows.of(connection, ROWS_FETCHED, ring).number();
    connection.commit();
    return after - before;
  }

  /** Runs a statement in a transaction of its own; returns how many pages it touched. */
  long pages(String sql) throws SQLException {
    String plan = Rows.of(connection, "explain (analyze, buffers, format json) " + sql).texts().getFirst();
    connection.commit();
    Matcher number = PAGES.matcher(plan);
    long pages = 0;
    for (int i = 0; i < 2 && number.find(); i++) { // those of the topmost node, which contain all others
      pages += Long.parseLong(number.group(1));
    }
    return pages;
  }

  /** The middle of five runs; the first run of a session, which loads catalogues and makes plans, is not counted. */
  long usualPages(String sql) throws SQLException {
    pages(sql);
    long[] pages = new long[5];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = pages(sql);
    }
    Arrays.sort(pages);
    return pages[pages.length / 2];
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
