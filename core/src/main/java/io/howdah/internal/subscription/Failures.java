package io.howdah.internal.subscription;

import io.howdah.BackoffFunction;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.FailureOptions;
import io.howdah.HowdahException;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.internal.failure.ErrorText;
import io.howdah.internal.wakeup.Signal;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker makes of a handler that does not answer: a retry with the
 * exception's class, message and stack trace, a rejection of what cannot be read, a retry as
 * a timeout, or a release if the worker has told the handler to end because its
 * grace was over.
 */
public final class Failures {

  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** The reason of what took too long. */
  public static final String TIMED_OUT = "timeout";

  private static final String FAILED = "the handler failed";
  private static final Outcome TIMEOUT = new Outcome.Retry(null, TIMED_OUT,
      "the handler was still running when its time limit was over");

  private final FailureOptions options;
  private final Counters counters;
  private final Signal signal;
  private final AtomicBoolean interrupting = new AtomicBoolean();

  Failures(FailureOptions options, Counters counters, Signal signal) {
    this.options = options;
    this.counters = counters;
    this.signal = signal;
  }

  /** From now on an exception is the worker's doing. */
  void interrupting() {
    interrupting.set(true);
  }

  public Outcome timeout() {
    return interrupting.get() ? Outcome.release() : TIMEOUT;
  }

  /** Nobody waits for the handler of these messages any more. */
  void timedOut(Slice<?> slice, int from, int to) {
    slice.hurry();
    for (int i = from; i < to; i++) {
      slice.answer(i, timeout());
    }
    signal.raise();
  }

  public static RuntimeException noAnswer() {
    return new NullPointerException("the handler answered null");
  }

  <T> Outcome of(Delivery<T> delivery, Throwable e) {
    if (interrupting.get()) {
      return Outcome.release();
    }
    tell(e);
    return answer(delivery, e);
  }

  /** The answer to a failure that has been told. */
  public Outcome answer(Delivery<?> delivery, Throwable e) {
    return rejects(e) ? undecodable(e) : retry(delivery, e);
  }

  public boolean isInterrupting() {
    return interrupting.get();
  }

  /** One that cannot be read fails the whole batch; the others have done nothing wrong. */
  <T> Outcomes of(List<Delivery<T>> deliveries, Throwable e) {
    if (interrupting.get()) {
      return Outcomes.all(Outcome.release());
    }
    tell(e);
    return rejects(e)
        ? Outcomes.each(deliveries,
            deliveries.stream().map(each -> isReadable(each) ? Outcome.release() : undecodable(e)).toList())
        : Outcomes.each(deliveries, deliveries.stream().map(each -> retry(each, e)).toList());
  }

  public void tell(Throwable e) {
    counters.failures.increment();
    if (e instanceof Error) {
      LOG.error("a handler failed with an error; the message is retried", ErrorText.readable(e));
    }
  }

  private boolean rejects(Throwable e) {
    return options.undecodable() == FailureOptions.Undecodable.DEAD_LETTER && e instanceof HowdahException known
        && known.code() == ErrorCode.UNDECODABLE;
  }

  private static Outcome undecodable(Throwable e) {
    return new Outcome.Reject("undecodable", ErrorText.trace(e));
  }

  private static boolean isReadable(Delivery<?> delivery) {
    try {
      delivery.payload();
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private Outcome retry(Delivery<?> delivery, Throwable e) {
    BackoffFunction backoff = options.backoff(e);
    if (backoff != null) {
      try {
        return new Outcome.Retry(Objects.requireNonNull(backoff.delay(delivery.attempt(), e)), FAILED,
            ErrorText.trace(e));
      } catch (Throwable bad) {
        counters.badBackoffs.increment();
        LOG.warn("a back-off function failed; the policy of the queue decides", ErrorText.readable(bad));
      }
    }
    return Outcome.failed(e);
  }
}
