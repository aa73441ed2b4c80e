package io.howdah.examples;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.howdah.Ack;
import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Pipeline;
import io.howdah.PipelineBatcher;
import io.howdah.PipelineMessage;
import io.howdah.PipelineOptions;
import io.howdah.PipelineTrial;
import io.howdah.Queue;
import io.howdah.Reading;
import io.howdah.RetryPolicy;
import io.howdah.Worker;
import java.util.List;

/** Sensor readings that are checked one by one and stored in batches. */
public final class Pipelines {

  /** What a sensor has measured. */
  public record Measurement(String sensor, double celsius) {
  }

  /** Where measurements are kept. */
  @FunctionalInterface
  public interface Store {
    void insert(List<Measurement> measurements) throws Exception;
  }

  private Pipelines() {
  }

  /** Checks each measurement, and stores many at a time. */
  public static Pipeline<Measurement> storing(Store store) {
    // region: pipeline
    Pipeline<Measurement> pipeline = Pipeline.<Measurement>of(message -> {
      Measurement measurement = message.payload();
      return measurement.celsius() < -273.15
          ? message.failed("colder than possible").onFailure(Ack.reject()) // a dead letter at once
          : message.withBatchKey(measurement.sensor());
    }).partitionBy(Delivery::key).batcher(PipelineBatcher.of(100, ofSeconds(1), batch -> {
      store.insert(batch.messages().stream().map(PipelineMessage::payload).toList());
      return batch.messages();
    }));
    // endregion
    return pipeline;
  }

  /** Starts to work; the caller closes the worker. */
  public static Worker work(Howdah howdah, Pipeline<Measurement> pipeline) {
    Queue<Measurement> measurements = howdah.queue("measurements", Measurement.class).create();
    // region: work
    Worker worker = measurements.pipeline(pipeline,
        PipelineOptions.defaults().withConcurrency(8).withLease(ofMinutes(1)).withReading(Reading.hybrid(ofSeconds(5)))
            .withRate(1_000, ofSeconds(1))
            .withListener(event -> System.getLogger("pipeline").log(System.Logger.Level.DEBUG, event)));
    // endregion
    return worker;
  }

  /** A message that fails three times is kept in the archive instead of being tried again. */
  public static Worker threeAttempts(Howdah howdah, Pipeline.Processor<Measurement> processor) {
    Queue<Measurement> measurements = howdah.queue("three-attempts", Measurement.class).create();
    // region: by-hand
    Pipeline<Measurement> pipeline = Pipeline.of(processor).onFailure(Ack.retryIn(ofSeconds(30)))
        .handleFailed(failed -> failed.stream()
            .map(message -> message.attempt() >= 3 ? message.onFailure(Ack.archive()) : message).toList());
    // endregion
    return measurements.pipeline(pipeline);
  }

  /** The same limit, kept by the queue for all its consumers; what has used it up is a dead letter. */
  public static Queue<Measurement> builtIn(Howdah howdah) {
    // region: built-in
    Queue<Measurement> measurements = howdah.queue("limited", Measurement.class)
        .create(RetryPolicy.exponential(ofSeconds(30), ofHours(1)).withMaxAttempts(3));
    // endregion
    return measurements;
  }

  /** What becomes of messages, without a database. */
  public static List<Ack> trial(Pipeline<Measurement> pipeline, List<Measurement> measurements) {
    // region: trial
    List<Ack> acks = PipelineTrial.of(pipeline, Measurement.class).push(measurements).stream()
        .map(PipelineTrial.Acknowledged::ack).toList();
    // endregion
    return acks;
  }
}
