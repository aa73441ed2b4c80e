package io.howdah;

import java.time.Duration;
import java.util.Objects;

/**
 * A stage of a {@link Pipeline} that collects messages into batches.
 *
 * @param size
 *          most messages of a batch, 1 to 10,000
 * @param longestWait
 *          how long the first message of a batch waits for others, 1 ms to 1 h;
 *          its lease is renewed meanwhile
 * @param concurrency
 *          batches that are handled at a time, 1 to 1,000; default 1
 * @param handler
 *          handles the batch
 */
public record PipelineBatcher<T>(int size, Duration longestWait, int concurrency, Pipeline.BatchProcessor<T> handler) {

  public PipelineBatcher {
    Limits.quantity("size", size);
    Limits.between("longestWait", longestWait, Duration.ofMillis(1), Duration.ofHours(1));
    Limits.between("concurrency", concurrency, 1, 1_000);
    Objects.requireNonNull(handler, "handler");
  }

  /** One batch at a time. */
  public static <T> PipelineBatcher<T> of(int size, Duration longestWait, Pipeline.BatchProcessor<T> handler) {
    return new PipelineBatcher<>(size, longestWait, 1, handler);
  }

  public PipelineBatcher<T> withConcurrency(int newConcurrency) {
    return new PipelineBatcher<>(size, longestWait, newConcurrency, handler);
  }
}
