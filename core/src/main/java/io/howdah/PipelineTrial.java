package io.howdah;

import io.howdah.internal.pipeline.Trial;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * Pushes messages through a {@link Pipeline} without a database, for tests, and
 * tells what each was acknowledged with. All stages run as they would, with their
 * concurrency, partitions, time limits and events; batches do not wait for more
 * than what was pushed. Immutable and safe for several threads.
 */
public final class PipelineTrial<T> {

  /**
   * A message that has come to its end.
   *
   * @param message
   *          as its last stage has left it
   * @param ack
   *          what the database would have been told
   */
  public record Acknowledged<T>(PipelineMessage<T> message, Ack ack) {
  }

  private final Pipeline<T> pipeline;
  private final Codec<T> codec;
  private final PipelineOptions options;
  private final Duration patience;

  private PipelineTrial(Pipeline<T> pipeline, Codec<T> codec, PipelineOptions options, Duration patience) {
    this.pipeline = pipeline;
    this.codec = codec;
    this.options = options;
    this.patience = patience;
  }

  /** A trial whose payloads go through this codec; it waits for at most a minute. */
  public static <T> PipelineTrial<T> of(Pipeline<T> pipeline, Codec<T> codec) {
    return new PipelineTrial<>(Objects.requireNonNull(pipeline, "pipeline"), Objects.requireNonNull(codec, "codec"),
        PipelineOptions.defaults(), Duration.ofMinutes(1));
  }

  /** {@link #of(Pipeline, Codec)} with {@link Codec#of(Class)}. */
  public static <T> PipelineTrial<T> of(Pipeline<T> pipeline, Class<T> type) {
    return of(pipeline, Codec.of(type));
  }

  public PipelineTrial<T> withOptions(PipelineOptions newOptions) {
    return new PipelineTrial<>(pipeline, codec, newOptions, patience);
  }

  /** Waits for so long for the messages to come to their end. */
  public PipelineTrial<T> withPatience(Duration newPatience) {
    return new PipelineTrial<>(pipeline, codec, options, newPatience);
  }

  /** {@link #pushDeliveries} with a first delivery of each payload. */
  public List<Acknowledged<T>> push(List<T> payloads) {
    return pushMessages(payloads.stream().map(Message::of).toList());
  }

  /** {@link #pushDeliveries} with a first delivery of each message. */
  public List<Acknowledged<T>> pushMessages(List<Message<T>> messages) {
    return pushDeliveries(messages.stream().map(message -> delivery(message, 1)).toList());
  }

  /**
   * Pushes messages; what they were acknowledged with, in the same order.
   *
   * @throws HowdahException
   *           {@link ErrorCode#TIMEOUT} if some are still on their way when the
   *           patience is over
   */
  public List<Acknowledged<T>> pushDeliveries(List<Delivery<T>> deliveries) {
    Map<Delivery<T>, Acknowledged<T>> acknowledged = Collections.synchronizedMap(new IdentityHashMap<>());
    Trial.run(pipeline, options, deliveries, patience,
        (message, ack) -> acknowledged.put(message.delivery(), new Acknowledged<>(message, ack)));
    List<Acknowledged<T>> inOrder = new ArrayList<>();
    for (Delivery<T> delivery : deliveries) {
      inOrder.add(Objects.requireNonNull(acknowledged.get(delivery)));
    }
    return inOrder;
  }

  /** A delivery of a message, as if it was the n-th attempt. */
  public Delivery<T> delivery(Message<T> message, int attempt) {
    String topic = message.topic() == null ? message.headers().get("type") : message.topic();
    return new Delivery<>(
        new Envelope(UUID.randomUUID(), 1, attempt, topic, message.key(), message.headers(), Instant.now()),
        codec.encode(message.payload()), codec);
  }
}
