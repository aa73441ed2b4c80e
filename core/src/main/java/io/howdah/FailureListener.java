package io.howdah;

import java.util.List;

/**
 * Is told of messages that a {@link Publisher} could not publish, before their futures fail. {@link SpillFile} keeps them.
 */
@FunctionalInterface
public interface FailureListener {

  /**
   * Some messages failed for the same reason, in the order in which they were handed over. Called by the publisher's own
   * threads, several at a time; what it throws is logged, and the futures fail all the same.
   */
  void failed(List<Unpublished> messages);
}
