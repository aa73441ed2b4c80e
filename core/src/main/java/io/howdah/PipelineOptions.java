package io.howdah;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a pipeline works. The defaults are {@linkplain Knob knobs}.
 *
 * @param worker
 *          processors at a time ({@code concurrency}), most messages of a claim
 *          ({@code fetch}), lease, grace, owner, back-off by exception, and the
 *          time limit of each call of a stage; default
 *          {@link WorkerOptions#defaults()}
 * @param reading
 *          when it looks for messages; default {@link Reading#defaults()}
 * @param atMostOnce
 *          whether messages are settled when they are claimed: each is processed
 *          once or, if the process dies, not at all; how the pipeline acknowledges
 *          is ignored. Default false
 * @param rate
 *          the most messages in a time; default null: no limit
 * @param listener
 *          is told what happens; default nobody
 */
public record PipelineOptions(WorkerOptions worker, Reading reading, boolean atMostOnce, @Nullable PipelineRate rate,
    PipelineListener listener) {

  private static final PipelineListener NOBODY = event -> {
  };

  public PipelineOptions {
    Objects.requireNonNull(worker, "worker");
    Objects.requireNonNull(reading, "reading");
    Objects.requireNonNull(listener, "listener");
  }

  public static PipelineOptions defaults() {
    return new PipelineOptions(WorkerOptions.defaults(), Reading.defaults(), false, null, NOBODY);
  }

  public PipelineOptions withWorker(WorkerOptions newWorker) {
    return new PipelineOptions(newWorker, reading, atMostOnce, rate, listener);
  }

  /** How many messages are processed at a time. */
  public PipelineOptions withConcurrency(int concurrency) {
    return withWorker(worker.withConcurrency(concurrency));
  }

  /** How long messages stay with a process that has died; elsewhere called visibility time-out. */
  public PipelineOptions withLease(Duration lease) {
    return withWorker(worker.withLease(lease));
  }

  public PipelineOptions withReading(Reading newReading) {
    return new PipelineOptions(worker, newReading, atMostOnce, rate, listener);
  }

  public PipelineOptions withAtMostOnce(boolean newAtMostOnce) {
    return new PipelineOptions(worker, reading, newAtMostOnce, rate, listener);
  }

  /** At most so many messages within any stretch of time of this length, in this process. */
  public PipelineOptions withRate(int messages, Duration interval) {
    return new PipelineOptions(worker, reading, atMostOnce, new PipelineRate(messages, interval), listener);
  }

  public PipelineOptions withListener(PipelineListener newListener) {
    return new PipelineOptions(worker, reading, atMostOnce, rate, newListener);
  }
}
