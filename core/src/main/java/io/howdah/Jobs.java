package io.howdah;

import io.howdah.internal.job.JobFunctions;
import io.howdah.internal.job.JobFunctions.NewJob;
import io.howdah.internal.stream.Outlet;
import io.howdah.internal.subscription.Inlet;
import io.howdah.internal.subscription.JobAnswers;
import io.howdah.internal.subscription.Treatment;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;

/**
 * Job queues in a scope, thousands of them: each comes to exist by its first
 * job, and runs one job at a time in the whole fleet, in the order of
 * (scheduledAt, creation). A failed job is tried again and holds up its queue,
 * and no other one. A handle costs nothing, needs no close, and is safe for
 * several threads.
 *
 * <p>
 * Scopes do not see each other's jobs. A scope is a queue of messages of that
 * name, whose keys are the job queues.
 */
public final class Jobs<T> implements JobSink<T> {

  private final Howdah howdah;
  private final String scope;
  private final Outlet<T> outlet;
  private final Inlet<T> inlet;

  Jobs(Howdah howdah, String scope, Codec<T> codec) {
    this.howdah = howdah;
    this.scope = Limits.name("scope", scope);
    this.outlet = howdah.outlet(scope, codec, false);
    this.inlet = howdah.inlet(scope, codec);
  }

  public String scope() {
    return scope;
  }

  /** Makes the scope if there is none, as its first job does; returns this handle. */
  public Jobs<T> create() {
    howdah.call(c -> JobFunctions.createScope(c, scope));
    return this;
  }

  @Override
  public UUID createJob(String queue, String action, T params, JobOptions options) {
    outlet.refuseOutsideOfTransaction(true);
    NewJob job = new NewJob(scope, queue, action, outlet.text(params), options);
    UUID id = howdah.commit("creating a job of " + scope, c -> JobFunctions.create(c, job));
    howdah.ring(scope, false);
    return id;
  }

  UUID createJob(Connection caller, String queue, String action, T params, JobOptions options) throws SQLException {
    outlet.refuseOutsideOfTransaction(caller.getAutoCommit());
    UUID id = JobFunctions.create(caller, new NewJob(scope, queue, action, outlet.text(params), options));
    howdah.ring(scope, !caller.getAutoCommit());
    return id;
  }

  /** The same verbs in the caller's transaction; the connection stays the caller's. */
  public JobSink<T> in(Connection connection) {
    return new TransactionJobs<>(this, connection);
  }

  /** {@link #perform(JobPerformer, WorkerOptions)} with {@link WorkerOptions#defaults()}. */
  public Worker perform(JobPerformer<T> performer) {
    return perform(performer, WorkerOptions.defaults());
  }

  /**
   * Performs the jobs of this scope until the worker is closed. Each start of a
   * job is with the performer that is there then, in whichever process; nothing
   * of it is stored with the job.
   *
   * @param options
   *          {@code concurrency} is how many jobs run at a time in this worker;
   *          without a {@code timeLimit}, because each job has its own
   */
  public Worker perform(JobPerformer<T> performer, WorkerOptions options) {
    if (options.timeLimit().limit() != null) {
      throw Limits.invalid("each job has a timeout of its own; leave the worker's timeLimit out");
    }
    create();
    return howdah.open().work(inlet, treatment(performer), options);
  }

  private Treatment.Jobs<T> treatment(JobPerformer<T> performer) {
    return new Treatment.Jobs<>(delivery -> performer.perform(new Job<>(scope, delivery)),
        delivery -> performer.backoff(new Job<>(scope, delivery)));
  }

  /**
   * Performs the job that is next on the calling thread: for tests, and for
   * programs that only look now and then. What it answers and throws means what it
   * means in {@link #perform(JobPerformer)}, and what became of the job comes back:
   * {@link Outcome#archive()} for one that is done; empty if none is ready. Only an
   * {@link Error} comes through, and the job goes back. Nothing ends a job that
   * runs longer than its timeout.
   *
   * @throws HowdahException
   *           {@link ErrorCode#LAPSED} if it has run longer than its timeout, and
   *           than a minute; {@link ErrorCode#NOT_FOUND} if there is no such scope
   */
  public Optional<Outcome> performNext(JobPerformer<T> performer) {
    return JobAnswers.next(inlet, treatment(performer), ProcessName.NAME);
  }

  /**
   * The jobs that a filter means, in the order of queue, scheduledAt and
   * creation. Looks at each job that waits in the scope unless the filter names a
   * queue.
   *
   * @param quantity
   *          most jobs of this page, 1 to 10,000
   * @param start
   *          how many to leave out before
   */
  public JobPage list(JobFilter filter, int quantity, long start) {
    Limits.quantity("quantity", quantity);
    return howdah.call(c -> JobFunctions.list(c, scope, filter, quantity, start));
  }

  /** How many jobs a filter means. */
  public long count(JobFilter filter) {
    return howdah.call(c -> JobFunctions.count(c, scope, filter));
  }

  public Optional<JobRecord> find(UUID id) {
    return list(JobFilter.id(id), 1, 0).jobs().stream().findFirst();
  }

  /**
   * Takes a job back that is scheduled, waits, or waits for its next attempt: it
   * never runs (again), and its queue goes on. False if it is running, over, or
   * was never there: what runs is not stopped.
   */
  public boolean cancel(UUID id) {
    return verb(JobFunctions.CANCEL, id);
  }

  /**
   * Has a job that waits for its next attempt tried at once; starts one that is
   * scheduled now, and one that is dead from the beginning. False if it is none
   * of these.
   */
  public boolean retryNow(UUID id) {
    return verb(JobFunctions.RETRY, id);
  }

  /**
   * Gives up a job that waits for its next attempt: it is a dead letter, and its
   * queue goes on. False if it does not wait for that.
   */
  public boolean skip(UUID id) {
    return verb(JobFunctions.SKIP, id);
  }

  private boolean verb(String sql, UUID id) {
    boolean done = howdah.call(c -> JobFunctions.verb(c, sql, scope, id));
    if (done) {
      howdah.ring(scope, false);
    }
    return done;
  }

  /** Pause, purge, wake, and what state it is in: all queues of the scope. */
  public Operations operations() {
    return howdah.operations(scope);
  }

  /** The done jobs, and how long they are kept; 7 days unless something else was said. */
  public Archive archive() {
    return howdah.archive(scope);
  }

  /** The dead jobs. */
  public DeadLetters deadLetters() {
    return howdah.deadLetters(scope);
  }

  public SubscriptionStats stats() {
    return howdah.stats(scope);
  }
}
