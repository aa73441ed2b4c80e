package io.howdah.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Says whether jobs were created: all of a scope that are known count, also those that are done, and in any order. A job counts
 * when its transaction has committed. Safe for several threads.
 */
public final class JobAssertions {
  private static final int MOST_SHOWN = 20;
  private static final String UNKNOWN_SCOPE = "HD404";
  private static final String FIND = """
      select queue, action, params, params::jsonb @> coalesce(?::jsonb, params::jsonb) and (?::text is null or queue = ?)
        and (?::text is null or action = ?)
      from howdah.jobs(?, '{}', 10000)""";

  private final DataSource source;
  private final String scope;

  private JobAssertions(DataSource source, String scope) {
    this.source = source;
    this.scope = scope;
  }

  /** About the jobs of a scope; of its 10,000 first ones. */
  public static JobAssertions of(DataSource source, String scope) {
    return new JobAssertions(source, scope);
  }

  /** Fails unless a job of this queue was created. */
  public void assertCreated(String queue) {
    assertCreated(queue, null, null);
  }

  /** Fails unless a job of this queue was created whose params contain these, as PostgreSQL's {@code @>} does. */
  public void assertCreated(String queue, String params) {
    assertCreated(queue, null, params);
  }

  /** Fails unless a job was created that is so; null leaves a question out. */
  public void assertCreated(@Nullable String queue, @Nullable String action, @Nullable String params) {
    Rows jobs = jobs(queue, action, params);
    if (meant(jobs).isEmpty()) {
      throw new AssertionError("no job of scope %s was created with %s; there are %d%s".formatted(scope,
          told(queue, action, params), jobs.size(), shown(jobs.values())));
    }
  }

  /** Fails if a job of this queue was created. */
  public void assertNotCreated(String queue) {
    assertNotCreated(queue, null, null);
  }

  /** Fails if a job of this queue was created whose params contain these. */
  public void assertNotCreated(String queue, String params) {
    assertNotCreated(queue, null, params);
  }

  /** Fails if a job was created that is so; null leaves a question out. */
  public void assertNotCreated(@Nullable String queue, @Nullable String action, @Nullable String params) {
    List<List<@Nullable Object>> meant = meant(jobs(queue, action, params));
    if (!meant.isEmpty()) {
      throw new AssertionError("%d job(s) of scope %s were created with %s%s".formatted(meant.size(), scope,
          told(queue, action, params), shown(meant)));
    }
  }

  private Rows jobs(@Nullable String queue, @Nullable String action, @Nullable String params) {
    try (Connection connection = source.getConnection()) {
      return Rows.of(connection, FIND, params, queue, queue, action, action, scope);
    } catch (SQLException e) {
      if (UNKNOWN_SCOPE.equals(e.getSQLState())) {
        return Rows.NONE;
      }
      throw new DatabaseException("jobs of " + scope + ": " + e.getMessage(), e);
    }
  }

  private static List<List<@Nullable Object>> meant(Rows jobs) {
    return jobs.values().stream().filter(job -> Boolean.TRUE.equals(job.get(3))).toList();
  }

  private static String told(@Nullable String queue, @Nullable String action, @Nullable String params) {
    return (queue == null ? "any queue" : "queue " + queue) + (action == null ? "" : ", action " + action)
        + (params == null ? "" : ", params " + params);
  }

  private static String shown(List<List<@Nullable Object>> jobs) {
    return jobs.stream().limit(MOST_SHOWN).map(job -> "\n  %s: %s %s".formatted(job.get(0), job.get(1), job.get(2)))
        .collect(Collectors.joining());
  }
}
