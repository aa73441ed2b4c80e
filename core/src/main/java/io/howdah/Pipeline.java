package io.howdah;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the messages of a queue or subscription, stage by stage:
 * {@code prepare}, for the messages of a claim together; a processor, for each
 * message; batchers, for what the processor has sent to them; and an
 * acknowledgement, which is one of success or of failure. A value that says what
 * is to be done; {@link MessageSource#pipeline} does it.
 *
 * @param processor
 *          handles each message
 * @param preparer
 *          sees the messages of a claim before the processor; none: nothing
 *          happens
 * @param partition
 *          messages with equal values are processed one after the other, in the
 *          order in which they were claimed; none, or a null value: in any order
 * @param batchers
 *          by name
 * @param acks
 *          how messages are acknowledged
 */
public record Pipeline<T>(Processor<T> processor, Optional<Preparer<T>> preparer,
    Optional<Function<Delivery<T>, ? extends @Nullable Object>> partition, Map<String, PipelineBatcher<T>> batchers,
    Acks<T> acks) {

  /** Handles one message. Called by several threads at a time. */
  @FunctionalInterface
  public interface Processor<T> {
    /** Answers with the message as it goes on; an exception, or null, is a failure. */
    PipelineMessage<T> process(PipelineMessage<T> message) throws Exception;
  }

  /** Sees messages together before they are processed one by one. */
  @FunctionalInterface
  public interface Preparer<T> {
    /**
     * Answers with the messages as they go on; one that is left out has failed. An
     * exception, or null, fails all of them.
     */
    List<PipelineMessage<T>> prepare(List<PipelineMessage<T>> messages) throws Exception;
  }

  /** Handles a batch. */
  @FunctionalInterface
  public interface BatchProcessor<T> {
    /**
     * Answers with the messages; one that is left out has failed. An exception, or
     * null, fails all of them.
     */
    List<PipelineMessage<T>> handle(PipelineBatch<T> batch) throws Exception;
  }

  /** Sees messages that have failed, before they are acknowledged. */
  @FunctionalInterface
  public interface FailureHook<T> {
    /**
     * Answers with the messages, of which it may have changed how they are
     * acknowledged; they stay failed. Those that are left out, or all of them if
     * this throws or answers null, stay as they are.
     */
    List<PipelineMessage<T>> handleFailed(List<PipelineMessage<T>> messages) throws Exception;
  }

  /**
   * How messages are acknowledged that do not say so themselves.
   *
   * @param onSuccess
   *          default {@link Ack#done()}
   * @param onFailure
   *          default {@link Ack#retry()}
   * @param hook
   *          sees failures first; none: nothing happens
   */
  public record Acks<T>(Ack onSuccess, Ack onFailure, Optional<FailureHook<T>> hook) {
    public Acks {
      Objects.requireNonNull(onSuccess, "onSuccess");
      Objects.requireNonNull(onFailure, "onFailure");
    }
  }

  /** The batcher of messages that name none; without it they are acknowledged after the processor. */
  public static final String DEFAULT_BATCHER = "default";

  public Pipeline {
    Objects.requireNonNull(processor, "processor");
    batchers = Map.copyOf(batchers);
  }

  /** A pipeline of one stage. */
  public static <T> Pipeline<T> of(Processor<T> processor) {
    return new Pipeline<>(processor, Optional.empty(), Optional.empty(), Map.of(),
        new Acks<>(Ack.done(), Ack.retry(), Optional.empty()));
  }

  /** With a stage before the processor, for the messages of a claim together. */
  public Pipeline<T> prepare(Preparer<T> newPreparer) {
    return new Pipeline<>(processor, Optional.of(newPreparer), partition, batchers, acks);
  }

  /**
   * Messages with equal values are processed one after the other in this process,
   * and pass a batcher in order. A message that fails comes back behind those that
   * followed it. {@code partitionBy(Delivery::key)}.
   */
  public Pipeline<T> partitionBy(Function<Delivery<T>, ? extends @Nullable Object> newPartition) {
    return new Pipeline<>(processor, preparer, Optional.of(newPartition), batchers, acks);
  }

  /** With one batcher more, or another one of that name; see {@link PipelineMessage#to}. */
  public Pipeline<T> batcher(String name, PipelineBatcher<T> batcher) {
    Map<String, PipelineBatcher<T>> more = new LinkedHashMap<>(batchers);
    more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(batcher, "batcher"));
    return new Pipeline<>(processor, preparer, partition, more, acks);
  }

  /** With a batcher for all messages that are sent to no other one. */
  public Pipeline<T> batcher(PipelineBatcher<T> batcher) {
    return batcher(DEFAULT_BATCHER, batcher);
  }

  public Pipeline<T> onSuccess(Ack ack) {
    return with(new Acks<>(ack, acks.onFailure(), acks.hook()));
  }

  public Pipeline<T> onFailure(Ack ack) {
    return with(new Acks<>(acks.onSuccess(), ack, acks.hook()));
  }

  /** With a look at failures before they are acknowledged. */
  public Pipeline<T> handleFailed(FailureHook<T> hook) {
    return with(new Acks<>(acks.onSuccess(), acks.onFailure(), Optional.of(hook)));
  }

  private Pipeline<T> with(Acks<T> newAcks) {
    return new Pipeline<>(processor, preparer, partition, batchers, newAcks);
  }
}
