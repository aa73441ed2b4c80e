package io.howdah;

import java.sql.Connection;
import java.util.List;

/**
 * Handles several messages in the transaction that settles them. Called by
 * several threads at a time, each with another batch.
 */
@FunctionalInterface
public interface TransactionalBatchHandler<T> {

  /**
   * Answers with what becomes of the messages; those that the answer leaves open
   * are released. It commits, or is rolled back, as with a
   * {@link TransactionalHandler}, for all messages of the batch together.
   *
   * @param transaction
   *          as in {@link TransactionalHandler#handle}
   */
  Outcomes handle(List<Delivery<T>> batch, Connection transaction) throws Exception;
}
