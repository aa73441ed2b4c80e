package io.howdah;

import java.time.Duration;
import java.util.Objects;

/**
 * How a worker works. The defaults are {@linkplain Knob knobs}.
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

  public WorkerOptions {
    Knob.CONCURRENCY.require("concurrency", concurrency);
    Knob.FETCH.require("fetch", fetch);
    Knob.LEASE.require("lease", lease);
    Knob.GRACE.require("grace", grace);
    Limits.owner(owner);
    Objects.requireNonNull(failures, "failures");
    Objects.requireNonNull(timeLimit, "timeLimit");
  }

  public static WorkerOptions defaults() {
    return new WorkerOptions(Knob.CONCURRENCY.count(), Knob.FETCH.count(), Knob.LEASE.duration(), Knob.GRACE.duration(),
        ProcessName.NAME, FailureOptions.defaults(), TimeLimit.none());
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
