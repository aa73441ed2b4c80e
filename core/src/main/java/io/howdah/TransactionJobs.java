package io.howdah;

import io.howdah.internal.jdbc.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

/** Jobs in the caller's transaction: what is created exists if, and only if, it commits. */
final class TransactionJobs<T> implements JobSink<T> {

  private final Jobs<T> jobs;
  private final Connection connection;

  TransactionJobs(Jobs<T> jobs, Connection connection) {
    this.jobs = jobs;
    this.connection = connection;
  }

  @Override
  public UUID createJob(String queue, String action, T params, JobOptions options) {
    try {
      return jobs.createJob(connection, queue, action, params, options);
    } catch (SQLException e) {
      throw SqlErrors.translate(e);
    }
  }
}
