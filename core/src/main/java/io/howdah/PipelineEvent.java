package io.howdah;

import java.time.Duration;
import java.util.UUID;

/** What happens in a pipeline; {@code source} is its queue or subscription. */
public sealed interface PipelineEvent {

  String source();

  /**
   * Messages were claimed.
   *
   * @param took
   *          the call of the database, which may have settled others
   */
  record BatchClaimed(String source, int messages, Duration took) implements PipelineEvent {
  }

  /**
   * The processor has ended well.
   *
   * @param waited
   *          between claim and processor
   * @param took
   *          in the processor
   */
  record MessageProcessed(String source, UUID id, Duration waited, Duration took) implements PipelineEvent {
  }

  /**
   * A message has failed.
   *
   * @param stage
   *          {@code prepare}, {@code processor}, or {@code batcher} and its name
   */
  record MessageFailed(String source, UUID id, String stage, PipelineFailure failure) implements PipelineEvent {
  }

  /**
   * A batch was handled.
   *
   * @param failed
   *          how many of its messages have failed
   * @param waited
   *          how long its first message waited for company and for a free thread
   * @param took
   *          in the handler
   */
  record BatchFlushed(String source, PipelineBatch<?> batch, int failed, Duration waited,
      Duration took) implements PipelineEvent {
  }

  /**
   * The database has confirmed what became of a message; for {@link Ack#nothing()}
   * it is not asked.
   *
   * @param took
   *          since it was claimed
   */
  record MessageAcknowledged(String source, UUID id, Ack ack, Duration took) implements PipelineEvent {
  }

  /** The lease of messages had run out: somebody else gets them, and their acknowledgement changes nothing. */
  record LeaseLapsed(String source, int messages) implements PipelineEvent {
  }
}
