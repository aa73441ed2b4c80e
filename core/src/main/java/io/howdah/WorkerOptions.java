package io.howdah;

import java.time.Duration;
import java.util.Objects;

/**
 * How a worker works.
 *
 * @param concurrency
 *          handler calls at a time, 1 to 10,000; default 16 (each is a virtual
 *          thread)
 * @param fetch
 *          most messages of one claim, and of one batch, 1 to 10,000; default
 *          500. A worker claims less when its handler is slow or messages are
 *          large
 * @param lease
 *          how long messages stay with a worker that has died, 1 s to 1 h;
 *          default 30 s. A living worker renews it
 * @param grace
 *          how long {@link Worker#close()} lets handlers finish, up to 1 h;
 *          default 10 s
 * @param owner
 *          shown as the holder of leases, 1 to 255 bytes; default host and
 *          process id
 * @param failures
 *          what is made of exceptions of the handler; default
 *          {@link FailureOptions#defaults()}
 * @param timeLimit
 *          how long one call of the handler may take; default
 *          {@link TimeLimit#none()}
 */
public record WorkerOptions(int concurrency, int fetch, Duration lease, Duration grace, String owner,
    FailureOptions failures, TimeLimit timeLimit) {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final WorkerOptions DEFAULTS = new WorkerOptions(16, 500, Duration.ofSeconds(30),
      Duration.ofSeconds(10), ProcessName.NAME, FailureOptions.defaults(), TimeLimit.none());

  public WorkerOptions {
    Limits.between("concurrency", concurrency, 1, 10_000);
    Limits.quantity("fetch", fetch);
    Limits.between("lease", lease, Duration.ofSeconds(1), HOUR);
    Limits.between("grace", grace, Duration.ZERO, HOUR);
    Limits.owner(owner);
    Objects.requireNonNull(failures, "failures");
    Objects.requireNonNull(timeLimit, "timeLimit");
  }

  public static WorkerOptions defaults() {
    return DEFAULTS;
  }

  public WorkerOptions withConcurrency(int newConcurrency) {
    return new WorkerOptions(newConcurrency, fetch, lease, grace, owner, failures, timeLimit);
  }

  public WorkerOptions withFetch(int newFetch) {
    return new WorkerOptions(concurrency, newFetch, lease, grace, owner, failures, timeLimit);
  }

  public WorkerOptions withLease(Duration newLease) {
    return new WorkerOptions(concurrency, fetch, newLease, grace, owner, failures, timeLimit);
  }

  public WorkerOptions withGrace(Duration newGrace) {
    return new WorkerOptions(concurrency, fetch, lease, newGrace, owner, failures, timeLimit);
  }

  public WorkerOptions withOwner(String newOwner) {
    return new WorkerOptions(concurrency, fetch, lease, grace, newOwner, failures, timeLimit);
  }

  public WorkerOptions withFailures(FailureOptions newFailures) {
    return new WorkerOptions(concurrency, fetch, lease, grace, owner, newFailures, timeLimit);
  }

  public WorkerOptions withTimeLimit(TimeLimit newTimeLimit) {
    return new WorkerOptions(concurrency, fetch, lease, grace, owner, failures, newTimeLimit);
  }

  /** {@link #withTimeLimit(TimeLimit)} with {@link TimeLimit#of(Duration)}. */
  public WorkerOptions withTimeLimit(Duration limit) {
    return withTimeLimit(TimeLimit.of(limit));
  }
}
