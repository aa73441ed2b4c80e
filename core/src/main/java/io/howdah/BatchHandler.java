package io.howdah;

import java.util.List;

/**
 * Handles several messages at once. Called by several threads at a time, each
 * with another batch.
 */
@FunctionalInterface
public interface BatchHandler<T> {

  /**
   * Answers with what becomes of the messages; those that the answer leaves open
   * are released. An exception means {@link Outcome#retry} for all of them; if a
   * payload cannot be read, its message is rejected and the others are released.
   */
  Outcomes handle(List<Delivery<T>> batch) throws Exception;
}
