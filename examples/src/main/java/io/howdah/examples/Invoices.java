package io.howdah.examples;

import static io.howdah.Outcome.done;

import io.howdah.Howdah;
import io.howdah.Job;
import io.howdah.JobFilter;
import io.howdah.JobOptions;
import io.howdah.JobPerformer;
import io.howdah.JobRecord;
import io.howdah.JobState;
import io.howdah.Jobs;
import io.howdah.Outcome;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** A job queue for each customer. */
public final class Invoices {

  /** What a job is about. */
  public record Invoice(int number) {
  }

  /** Sends things. */
  @FunctionalInterface
  public interface Mailer {
    void send(String customer, String what, int invoice) throws Exception;
  }

  private final DataSource dataSource;
  private final Jobs<Invoice> jobs;

  public Invoices(DataSource dataSource, Howdah howdah) {
    this.dataSource = dataSource;
    // region: open
    Jobs<Invoice> jobs = howdah.jobs("invoicing", Invoice.class); // a scope: its queues are apart from those of others
    // endregion
    this.jobs = jobs;
  }

  /** Bills a customer, and reminds him in two weeks. */
  public List<UUID> bill(String customer, int number) throws SQLException {
    try (Connection transaction = dataSource.getConnection()) {
      transaction.setAutoCommit(false);
      // region: create
      UUID now = jobs.in(transaction).createJob(customer, "send_invoice", new Invoice(number));
      UUID later = jobs.in(transaction).createJob(customer, "remind", new Invoice(number),
          JobOptions.defaults().withScheduledAt(Instant.now().plus(Duration.ofDays(14)))
              .withTimeout(Duration.ofSeconds(10)).withMaxAttempts(5));
      // endregion
      transaction.commit();
      return List.of(now, later);
    }
  }

  // region: performer
  /** Performs what is to be done for customers. */
  public static final class Billing implements JobPerformer<Invoice> {

    private final Mailer mailer;

    public Billing(Mailer mailer) {
      this.mailer = mailer;
    }

    @Override
    public Outcome perform(Job<Invoice> job) throws Exception {
      mailer.send(job.queue(), job.action(), job.params().number()); // an exception: try again later
      return done();
    }

    @Override
    public Duration backoff(Job<Invoice> job) {
      return Duration.ofMinutes(job.attempt()); // may be left out
    }
  }
  // endregion

  public Worker work(Mailer mailer) {
    // region: perform
    return jobs.perform(new Billing(mailer), WorkerOptions.defaults().withConcurrency(50)); // 50 jobs at a time
    // endregion
  }

  /** Looks at a customer's jobs, and takes one back. */
  public boolean look(String customer, UUID reminder) {
    // region: look
    for (JobRecord job : jobs.list(JobFilter.all().withQueue(customer), 100, 0).jobs()) {
      System.out.println(job.action() + " is " + job.state() + ", next attempt " + job.progress().nextAttempt());
    }
    long failed = jobs.count(JobFilter.all().withState(JobState.RETRYING));
    boolean cancelled = jobs.cancel(reminder); // false: it runs, is over, or was never there
    // endregion
    return cancelled && failed == 0;
  }
}
