package io.howdah.internal.subscription;

import io.howdah.BatchHandler;
import io.howdah.Delivery;
import io.howdah.Handler;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the user's handler and turns whatever happens into outcomes: an answer,
 * or a retry with the exception's class and message, or a release if the worker
 * has interrupted the handler because its grace was over.
 */
final class Call<T> {

  private static final Logger LOG = LoggerFactory.getLogger(Call.class);

  private final Handler<T> handler;
  private final BatchHandler<T> batchHandler;
  private final boolean batches;
  private final Counters counters;
  private final AtomicBoolean interrupting = new AtomicBoolean();

  private Call(Handler<T> handler, BatchHandler<T> batchHandler, boolean batches, Counters counters) {
    this.handler = handler;
    this.batchHandler = batchHandler;
    this.batches = batches;
    this.counters = counters;
  }

  static <T> Call<T> each(Handler<T> handler, Counters counters) {
    return new Call<>(handler, batch -> Outcomes.open(), false, counters);
  }

  static <T> Call<T> batches(BatchHandler<T> handler, Counters counters) {
    return new Call<>(delivery -> Outcome.release(), handler, true, counters);
  }

  boolean isBatches() {
    return batches;
  }

  /** From now on an exception is the worker's doing. */
  void interrupting() {
    interrupting.set(true);
  }

  /** Handles what nobody else has started of the slice. */
  void on(Slice<T> slice) {
    if (batches) {
      handleBatch(slice);
    } else {
      handleEach(slice);
    }
  }

  /**
   * The time is told before the answer, since the last answer of a slice lets the
   * loop read it.
   */
  private void handleEach(Slice<T> slice) {
    long begun = System.nanoTime();
    for (int index = slice.start(); index >= 0; index = slice.start()) {
      Outcome outcome = handle(slice.deliveries().get(index));
      long now = System.nanoTime();
      slice.spent(now - begun);
      begun = now;
      slice.answer(index, outcome);
    }
  }

  private Outcome handle(Delivery<T> delivery) {
    try {
      Outcome outcome = handler.handle(delivery);
      return outcome == null ? failed(new NullPointerException("the handler answered null")) : outcome;
    } catch (Throwable e) {
      return failed(e);
    }
  }

  private void handleBatch(Slice<T> slice) {
    if (!slice.startAll()) {
      return;
    }
    List<Delivery<T>> deliveries = slice.deliveries();
    long begun = System.nanoTime();
    Outcomes outcomes = handle(deliveries);
    slice.spent(System.nanoTime() - begun);
    for (int i = 0; i < deliveries.size(); i++) {
      Outcome outcome = outcomes.of(deliveries.get(i).position());
      slice.answer(i, outcome == null ? Outcome.release() : outcome);
    }
  }

  private Outcomes handle(List<Delivery<T>> deliveries) {
    try {
      Outcomes outcomes = batchHandler.handle(List.copyOf(deliveries));
      return outcomes == null ? Outcomes.all(failed(new NullPointerException("the handler answered null"))) : outcomes;
    } catch (Throwable e) {
      return Outcomes.all(failed(e));
    }
  }

  private Outcome failed(Throwable e) {
    if (interrupting.get()) {
      return Outcome.release();
    }
    counters.failures.increment();
    if (e instanceof Error) {
      LOG.error("a handler failed with an error; the message is retried", e);
    }
    return new Outcome.Retry(null, "the handler failed",
        e.getMessage() == null ? e.getClass().getName() : e.getClass().getName() + ": " + e.getMessage());
  }
}
