package io.howdah.internal.subscription;

import io.howdah.BackoffFunction;
import io.howdah.BatchHandler;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.FailureOptions;
import io.howdah.Handler;
import io.howdah.HowdahException;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.internal.wakeup.Signal;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the user's handler and turns whatever happens into outcomes: an answer,
 * or a retry with the exception's class and message, or a rejection of what
 * cannot be read, or a release if the worker has interrupted the handler because
 * its grace was over.
 */
final class Call<T> {

  private static final Logger LOG = LoggerFactory.getLogger(Call.class);
  private static final Outcome TIMEOUT = new Outcome.Retry(null, "timeout",
      "the handler was still running when its time limit was over");

  private static final String FAILED = "the handler failed";

  private final Handler<T> handler;
  private final BatchHandler<T> batchHandler;
  private final boolean batches;
  private final FailureOptions options;
  private final Counters counters;
  private final Signal signal;
  private final AtomicBoolean interrupting = new AtomicBoolean();

  private Call(Handler<T> handler, BatchHandler<T> batchHandler, boolean batches, FailureOptions options,
      Counters counters, Signal signal) {
    this.handler = handler;
    this.batchHandler = batchHandler;
    this.batches = batches;
    this.options = options;
    this.counters = counters;
    this.signal = signal;
  }

  static <T> Call<T> each(Handler<T> handler, FailureOptions options, Counters counters, Signal signal) {
    return new Call<>(handler, batch -> Outcomes.open(), false, options, counters, signal);
  }

  static <T> Call<T> batches(BatchHandler<T> handler, FailureOptions options, Counters counters, Signal signal) {
    return new Call<>(delivery -> Outcome.release(), handler, true, options, counters, signal);
  }

  boolean isBatches() {
    return batches;
  }

  /** From now on an exception is the worker's doing. */
  void interrupting() {
    interrupting.set(true);
  }

  /** Handles what nobody else has started of the slice. */
  void on(Slice<T> slice, Hand hand) {
    if (batches) {
      handleBatch(slice, hand);
    } else {
      handleEach(slice, hand);
    }
  }

  /**
   * The time is told before the answer, since the last answer of a slice lets the
   * loop read it.
   */
  private void handleEach(Slice<T> slice, Hand hand) {
    long begun = System.nanoTime();
    for (int index = slice.start(); index >= 0 && !hand.isReplaced(); index = slice.start()) {
      int current = index;
      hand.begin(() -> timedOut(slice, current, current + 1));
      Outcome outcome = handle(slice.deliveries().get(index));
      boolean inTime = hand.end();
      long now = System.nanoTime();
      slice.spent(now - begun);
      begun = now;
      if (inTime) {
        slice.answer(index, outcome);
      }
    }
  }

  /** Nobody waits for the handler any more. */
  private void timedOut(Slice<T> slice, int from, int to) {
    slice.hurry();
    for (int i = from; i < to; i++) {
      slice.answer(i, interrupting.get() ? Outcome.release() : TIMEOUT);
    }
    signal.raise();
  }

  private Outcome handle(Delivery<T> delivery) {
    try {
      Outcome outcome = handler.handle(delivery);
      return outcome == null ? failed(delivery, noAnswer()) : outcome;
    } catch (Throwable e) {
      return failed(delivery, e);
    }
  }

  private void handleBatch(Slice<T> slice, Hand hand) {
    if (!slice.startAll()) {
      return;
    }
    List<Delivery<T>> deliveries = slice.deliveries();
    long begun = System.nanoTime();
    hand.begin(() -> timedOut(slice, 0, deliveries.size()));
    Outcomes outcomes = handle(deliveries);
    boolean inTime = hand.end();
    slice.spent(System.nanoTime() - begun);
    if (!inTime) {
      return;
    }
    for (int i = 0; i < deliveries.size(); i++) {
      Outcome outcome = outcomes.of(deliveries.get(i).position());
      slice.answer(i, outcome == null ? Outcome.release() : outcome);
    }
  }

  private Outcomes handle(List<Delivery<T>> deliveries) {
    try {
      Outcomes outcomes = batchHandler.handle(List.copyOf(deliveries));
      return outcomes == null ? allFailed(deliveries, noAnswer()) : outcomes;
    } catch (Throwable e) {
      return allFailed(deliveries, e);
    }
  }

  private static RuntimeException noAnswer() {
    return new NullPointerException("the handler answered null");
  }

  private Outcome failed(Delivery<T> delivery, Throwable e) {
    if (interrupting.get()) {
      return Outcome.release();
    }
    tell(e);
    return rejects(e) ? undecodable(e) : retry(delivery, e);
  }

  /** One that cannot be read fails the whole batch; the others have done nothing wrong. */
  private Outcomes allFailed(List<Delivery<T>> deliveries, Throwable e) {
    if (interrupting.get()) {
      return Outcomes.all(Outcome.release());
    }
    tell(e);
    return rejects(e)
        ? Outcomes.each(deliveries,
            deliveries.stream().map(each -> isReadable(each) ? Outcome.release() : undecodable(e)).toList())
        : Outcomes.each(deliveries, deliveries.stream().map(each -> retry(each, e)).toList());
  }

  private void tell(Throwable e) {
    counters.failures.increment();
    if (e instanceof Error) {
      LOG.error("a handler failed with an error; the message is retried", e);
    }
  }

  private boolean rejects(Throwable e) {
    return options.undecodable() == FailureOptions.Undecodable.DEAD_LETTER && e instanceof HowdahException known
        && known.code() == ErrorCode.UNDECODABLE;
  }

  private static Outcome undecodable(Throwable e) {
    return new Outcome.Reject("undecodable", text(e));
  }

  private boolean isReadable(Delivery<T> delivery) {
    try {
      delivery.payload();
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private Outcome retry(Delivery<T> delivery, Throwable e) {
    BackoffFunction backoff = options.backoff(e);
    if (backoff != null) {
      try {
        return new Outcome.Retry(Objects.requireNonNull(backoff.delay(delivery.attempt(), e)), FAILED, text(e));
      } catch (Throwable bad) {
        counters.badBackoffs.increment();
        LOG.warn("a back-off function failed; the policy of the queue decides", bad);
      }
    }
    return new Outcome.Retry(null, FAILED, text(e));
  }

  private static String text(Throwable e) {
    return e.getMessage() == null ? e.getClass().getName() : e.getClass().getName() + ": " + e.getMessage();
  }
}
