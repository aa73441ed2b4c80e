package io.howdah;

import java.util.List;

/**
 * Messages that a batcher has collected.
 *
 * @param batcher
 *          its name
 * @param key
 *          the batch key that they share
 * @param trigger
 *          why the batch was closed
 * @param messages
 *          in the order in which they came
 */
public record PipelineBatch<T>(String batcher, Object key, Trigger trigger, List<PipelineMessage<T>> messages) {

  /** Why a batch was closed. */
  public enum Trigger {
    /** It was full. */
    SIZE,
    /** Its first message had waited long enough. */
    TIME,
    /** The pipeline is drained or closed. */
    FLUSH,
    /** Batches of other keys took up all the room. */
    ROOM
  }

  public PipelineBatch {
    messages = List.copyOf(messages);
  }
}
