package io.howdah;

/** Handles one message. Called by several threads at a time. */
@FunctionalInterface
public interface Handler<T> {

  /**
   * Answers with what becomes of the message. An exception means
   * {@link Outcome#failed}: a retry with the exception's stack trace as the error,
   * after a wait that {@link WorkerOptions#failures()} or the queue's
   * {@link RetryPolicy} says; if the payload cannot be read, it means
   * {@link Outcome#reject}.
   * When a worker is closed and its grace is over, the thread is interrupted; a
   * delivery whose handler then throws is released. The lease is renewed for as
   * long as the handler runs.
   */
  Outcome handle(Delivery<T> delivery) throws Exception;
}
