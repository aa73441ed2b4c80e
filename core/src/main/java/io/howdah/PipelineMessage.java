package io.howdah;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way through a {@link Pipeline}. Immutable: each stage answers
 * with the message as it should go on, made with the methods of this class.
 */
public final class PipelineMessage<T> {

  private record Way(@Nullable String batcher, Object key) {
  }

  private record OwnAcks(@Nullable Ack onSuccess, @Nullable Ack onFailure) {
  }

  /** The key of messages that have none. */
  private static final Object NO_KEY = "";

  private final Delivery<T> delivery;
  private final @Nullable T payload;
  private final Map<Class<?>, Object> attachments;
  private final Way way;
  private final OwnAcks acks;
  private final @Nullable PipelineFailure failure;

  private PipelineMessage(Delivery<T> delivery, @Nullable T payload, Map<Class<?>, Object> attachments, Way way,
      OwnAcks acks, @Nullable PipelineFailure failure) {
    this.delivery = delivery;
    this.payload = payload;
    this.attachments = attachments;
    this.way = way;
    this.acks = acks;
    this.failure = failure;
  }

  /** A message at the entrance. */
  public static <T> PipelineMessage<T> of(Delivery<T> delivery) {
    return new PipelineMessage<>(Objects.requireNonNull(delivery, "delivery"), null, Map.of(), new Way(null, NO_KEY),
        new OwnAcks(null, null), null);
  }

  /** The message as it was delivered. */
  public Delivery<T> delivery() {
    return delivery;
  }

  /** Which delivery of the message this is; 1 for the first. */
  public int attempt() {
    return delivery.attempt();
  }

  /** What {@link #withPayload} has said, or else {@link Delivery#payload()}. */
  public T payload() {
    return payload == null ? delivery.payload() : payload;
  }

  /** Goes on with another payload; a retry has the original again. */
  public PipelineMessage<T> withPayload(T newPayload) {
    return new PipelineMessage<>(delivery, Objects.requireNonNull(newPayload, "payload"), attachments, way, acks,
        failure);
  }

  /** Carries a value of a class to later stages; one for each class. */
  public <A> PipelineMessage<T> with(Class<A> type, A value) {
    Map<Class<?>, Object> more = new HashMap<>(attachments);
    more.put(type, Objects.requireNonNull(value, "value"));
    return new PipelineMessage<>(delivery, payload, Map.copyOf(more), way, acks, failure);
  }

  /**
   * The value of a class that an earlier stage has attached.
   *
   * @throws HowdahException
   *           {@link ErrorCode#INVALID} if there is none
   */
  public <A> A attached(Class<A> type) {
    Object value = attachments.get(type);
    if (value == null) {
      throw Limits.invalid("no " + type.getName() + " is attached to this message; attach one with with(…)");
    }
    return type.cast(value);
  }

  /** Goes to this batcher after the processor; see {@link Pipeline#batcher}. */
  public PipelineMessage<T> to(String batcher) {
    return new PipelineMessage<>(delivery, payload, attachments,
        new Way(Objects.requireNonNull(batcher, "batcher"), way.key()), acks, failure);
  }

  /** The batcher that {@link #to} has named, or null. */
  public @Nullable String batcher() {
    return way.batcher();
  }

  /** Meets only messages with an equal key in its batch. */
  public PipelineMessage<T> withBatchKey(Object key) {
    return new PipelineMessage<>(delivery, payload, attachments,
        new Way(way.batcher(), Objects.requireNonNull(key, "batch key")), acks, failure);
  }

  /** What {@link #withBatchKey} has said; an empty text by default. */
  public Object batchKey() {
    return way.key();
  }

  /** Is acknowledged so if it succeeds, whatever the pipeline says. */
  public PipelineMessage<T> onSuccess(Ack ack) {
    return new PipelineMessage<>(delivery, payload, attachments, way,
        new OwnAcks(Objects.requireNonNull(ack, "ack"), acks.onFailure()), failure);
  }

  /** Is acknowledged so if it fails, whatever the pipeline says. */
  public PipelineMessage<T> onFailure(Ack ack) {
    return new PipelineMessage<>(delivery, payload, attachments, way,
        new OwnAcks(acks.onSuccess(), Objects.requireNonNull(ack, "ack")), failure);
  }

  /** What {@link #onSuccess(Ack)} has said, or null. */
  public @Nullable Ack onSuccess() {
    return acks.onSuccess();
  }

  /** What {@link #onFailure(Ack)} has said, or null. */
  public @Nullable Ack onFailure() {
    return acks.onFailure();
  }

  /** Has failed, for this reason. */
  public PipelineMessage<T> failed(String reason) {
    return failed(new PipelineFailure(reason, null));
  }

  /** Has failed with an exception; a stage that throws it says the same. */
  public PipelineMessage<T> failed(Throwable cause) {
    return failed(new PipelineFailure("the handler failed", cause));
  }

  private PipelineMessage<T> failed(PipelineFailure newFailure) {
    return new PipelineMessage<>(delivery, payload, attachments, way, acks, newFailure);
  }

  /** Why it has failed, or null if it has not. */
  public @Nullable PipelineFailure failure() {
    return failure;
  }

  /** Names the message; never shows its payload. */
  @Override
  public String toString() {
    return delivery + (failure == null ? "" : ", failed: " + failure.reason());
  }
}
