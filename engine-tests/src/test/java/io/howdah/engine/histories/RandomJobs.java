package io.howdah.engine.histories;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.JobOptions;
import io.howdah.Jobs;
import io.howdah.Json;
import io.howdah.testkit.History;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;

/** Creates jobs of several queues, one after the other, over connections that get cut. Their numbers are their order. */
final class RandomJobs implements Callable<Void> {
  private static final int QUEUES = 8;
  private static final JobOptions PATIENT = JobOptions.defaults().withMaxAttempts(30_000)
      .withTimeout(Duration.ofHours(1));
  private final Source source;
  private final Jobs<Json> jobs;
  private final Random random;
  private final boolean hasty;

  /** Those that are hasty have a short time-out. */
  RandomJobs(Source source, Howdah howdah, Watched scope, long seed, boolean hasty) {
    this.source = source;
    this.jobs = howdah.jobs(scope.subscription());
    this.random = new Random(seed);
    this.hasty = hasty;
  }

  @Override
  public Void call() {
    try {
      for (int number = 1; source.take(1) > 0; number++) {
        create("\"job-" + number + "\"", number);
      }
    } finally {
      source.publisherEnds();
    }
    return null;
  }

  private void create(String message, int number) {
    String queue = "queue " + random.nextInt(QUEUES);
    source.attempt(new History.Attempted(message, queue));
    source.record(new History.Placed(message, number));
    try {
      jobs.createJob(queue, "act", new Json(message), hasty ? PATIENT.withTimeout(Duration.ofMillis(100)) : PATIENT);
      source.record(new History.Acknowledged(message));
    } catch (HowdahException e) {
      if (e.code() != ErrorCode.UNAVAILABLE) {
        throw e;
      }
      if (!e.getMessage().startsWith("outcome unknown")) {
        source.record(new History.RolledBack(message));
      }
    }
  }
}
