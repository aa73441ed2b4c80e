package io.howdah;

import java.sql.Connection;

/**
 * Handles one message in the transaction that settles it. Called by several
 * threads at a time.
 */
@FunctionalInterface
public interface TransactionalHandler<T> {

  /**
   * Answers with what becomes of the message. The answer, whichever it is, commits
   * together with what the handler has written through {@code transaction}; an
   * exception rolls that back and means what it means for a {@link Handler}. If
   * the lease has run out, or the time limit, the transaction is rolled back, too.
   *
   * @param transaction
   *          an open transaction of Howdah's; committing, rolling back and changing
   *          its session is refused, savepoints work, closing does nothing
   */
  Outcome handle(Delivery<T> delivery, Connection transaction) throws Exception;
}
