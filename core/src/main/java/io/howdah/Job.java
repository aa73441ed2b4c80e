package io.howdah;

import io.howdah.internal.job.JobHeaders;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/** One attempt at a job, as a {@link JobPerformer} gets it. Safe for several threads. */
public final class Job<T> {

  private final String scope;
  private final Delivery<T> delivery;

  /** For the client itself, and for tests of a performer. */
  public Job(String scope, Delivery<T> delivery) {
    this.scope = Objects.requireNonNull(scope, "scope");
    this.delivery = Objects.requireNonNull(delivery, "delivery");
  }

  public UUID id() {
    return delivery.id();
  }

  public String scope() {
    return scope;
  }

  /** Free text; one job of a queue runs at a time. */
  public String queue() {
    String key = delivery.key();
    return key == null ? "" : key;
  }

  /** What is to be done, free text. */
  public String action() {
    return delivery.headers().getOrDefault(JobHeaders.ACTION, "");
  }

  /** With what; decoded when it is first asked for, see {@link Delivery#payload()}. */
  public T params() {
    return delivery.payload();
  }

  /** 1 for the first attempt. */
  public int attempt() {
    return delivery.attempt();
  }

  /** Its time-out, limits, and the time it was scheduled for. */
  public JobOptions options() {
    return JobHeaders.options(delivery.headers());
  }

  /** By the database's clock. */
  public Instant createdAt() {
    return delivery.publishedAt();
  }

  /** Names the job; never shows its params. */
  @Override
  public String toString() {
    return "job " + id() + " of queue " + queue() + ", attempt " + attempt();
  }
}
