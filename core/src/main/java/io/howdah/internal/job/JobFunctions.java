package io.howdah.internal.job;

import io.howdah.Durations;
import io.howdah.JobFilter;
import io.howdah.JobOptions;
import io.howdah.JobPage;
import io.howdah.JobRecord;
import io.howdah.JobRecord.Progress;
import io.howdah.JobState;
import io.howdah.Json;
import io.howdah.internal.codec.HeaderText;
import io.howdah.internal.due.DueFunctions;
import io.howdah.internal.jdbc.Statements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The functions about jobs. */
public final class JobFunctions {

  public static final String CANCEL = """
      select howdah.cancel_job(?, ?::uuid)""";
  public static final String RETRY = """
      select howdah.retry_job(?, ?::uuid)""";
  public static final String SKIP = """
      select howdah.skip_job(?, ?::uuid)""";

  private static final String CREATE_SCOPE = """
      select howdah.create_job_scope(?)""";
  private static final String CREATE = """
      select howdah.create_job(?, ?, ?, ?::json, ?::interval, ?::interval, ?, ?::timestamptz)""";
  private static final String COUNT = """
      select howdah.count_jobs(?, ?::json)""";
  private static final String LIST = """
      select id, queue, action, params, state, scheduled_at, created_at, extract(epoch from timeout) * 1000,
        extract(epoch from max_backoff) * 1000, max_attempts, attempts, attempted_at, attempted_by, error, next_attempt,
        done_at, total
      from howdah.jobs(?, ?::json, ?, ?)""";

  /** Beyond it the database does not read a time, and says so in its own words. */
  private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

  /** A job that is to be created; its params as JSON text. */
  public record NewJob(String scope, String queue, String action, String params, JobOptions options) {
  }

  private JobFunctions() {
  }

  public static int createScope(Connection connection, String scope) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, CREATE_SCOPE)) {
      statement.setString(1, scope);
      return Math.toIntExact(number(statement));
    }
  }

  public static UUID create(Connection connection, NewJob job) throws SQLException {
    JobOptions options = job.options();
    try (PreparedStatement statement = Statements.prepare(connection, CREATE)) {
      statement.setString(1, job.scope());
      statement.setString(2, job.queue());
      statement.setString(3, job.action());
      statement.setString(4, job.params());
      statement.setString(5, Statements.interval(Durations.bounded(options.timeout())));
      statement.setString(6, Statements.interval(Durations.bounded(options.maxBackoff())));
      statement.setInt(7, options.maxAttempts());
      statement.setString(8, time(options.scheduledAt()));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return UUID.fromString(rows.getString(1));
      }
    }
  }

  private static @Nullable String time(@Nullable Instant at) {
    if (at == null) {
      return null;
    }
    return at.isAfter(LATEST) ? "infinity" : DueFunctions.time(at.isBefore(Instant.EPOCH) ? Instant.EPOCH : at);
  }

  public static long count(Connection connection, String scope, JobFilter filter) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, COUNT)) {
      statement.setString(1, scope);
      statement.setString(2, text(filter));
      return number(statement);
    }
  }

  /** Cancels, retries or skips. */
  public static boolean verb(Connection connection, String sql, String scope, UUID id) throws SQLException {
    try (PreparedStatement statement = Statements.prepare(connection, sql)) {
      statement.setString(1, scope);
      statement.setString(2, id.toString());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  public static JobPage list(Connection connection, String scope, JobFilter filter, int quantity, long start)
      throws SQLException {
    List<JobRecord> jobs = new ArrayList<>();
    long total = 0;
    try (PreparedStatement statement = Statements.prepare(connection, LIST)) {
      statement.setString(1, scope);
      statement.setString(2, text(filter));
      statement.setInt(3, quantity);
      statement.setLong(4, start);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          jobs.add(read(rows));
          total = rows.getLong(17);
        }
      }
    }
    return new JobPage(jobs, jobs.isEmpty() && start > 0 ? count(connection, scope, filter) : total);
  }

  private static JobRecord read(ResultSet row) throws SQLException {
    JobOptions defaults = JobOptions.defaults();
    JobOptions options = new JobOptions(millis(row, 8, defaults.timeout()), millis(row, 9, defaults.maxBackoff()),
        row.getInt(10), instant(row, 6));
    Progress progress = new Progress(Objects.requireNonNull(instant(row, 7)), row.getInt(11), instant(row, 12),
        row.getString(13), row.getString(14), instant(row, 15), instant(row, 16));
    return new JobRecord(UUID.fromString(row.getString(1)), orEmpty(row.getString(2)), orEmpty(row.getString(3)),
        new Json(row.getString(4)), JobState.valueOf(row.getString(5).toUpperCase(Locale.ROOT)), options, progress);
  }

  private static Duration millis(ResultSet row, int column, Duration otherwise) throws SQLException {
    String text = row.getString(column);
    return text == null ? otherwise : Duration.ofMillis((long) Double.parseDouble(text));
  }

  private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    String text = row.getString(column);
    return text == null ? null : Statements.instant(text);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static long number(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static String text(JobFilter filter) {
    Map<String, String> texts = new LinkedHashMap<>();
    put(texts, "id", filter.id());
    put(texts, "queue", filter.queue());
    put(texts, "action", filter.action());
    put(texts, "state", filter.state() == null ? null : filter.state().name().toLowerCase(Locale.ROOT));
    put(texts, "text", filter.text());
    String json = HeaderText.encode(texts);
    if (filter.available() == null) {
      return json == null ? "{}" : json;
    }
    return "{\"available\":" + filter.available() + (json == null ? "}" : "," + json.substring(1));
  }

  private static void put(Map<String, String> texts, String name, @Nullable Object value) {
    if (value != null) {
      texts.put(name, value.toString());
    }
  }
}
