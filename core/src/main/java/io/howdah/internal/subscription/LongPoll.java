package io.howdah.internal.subscription;

import io.howdah.internal.wakeup.Bell;
import io.howdah.internal.wakeup.Signal;
import io.howdah.internal.wakeup.Sleeper;
import java.util.function.Supplier;

/**
 * Looks at a subscription until it finds something, a time is over, or it is
 * closed, and hurries when the bell rings: the wait of who claims by hand. For
 * one thread at a time, but for close.
 */
public final class LongPoll implements AutoCloseable {

  private final Signal signal = new Signal();
  private final Sleeper sleeper;
  private volatile boolean closed;

  public LongPoll(Bell bell, String subscription) {
    this.sleeper = bell.sleeper(subscription, signal, null);
  }

  /** What the first claim that found something has found, else what the last one did; also once interrupted. */
  public <T> Claimed<T> until(long deadline, int asked, Supplier<Claimed<T>> look) {
    while (true) {
      sleeper.looking();
      Claimed<T> found = look.get();
      sleeper.looked(found.deliveries().size(), asked, found.permit());
      if (!found.deliveries().isEmpty()) {
        return found;
      }
      long now = System.nanoTime();
      while (sleeper.untilLook(now) > 0 && deadline - now > 0 && !ends()) {
        signal.await(Math.min(deadline - now, sleeper.untilLook(now)));
        now = System.nanoTime();
      }
      if (deadline - now <= 0 || ends()) {
        return found;
      }
    }
  }

  /** Waits, without a look. */
  void pause(long nanos) {
    long deadline = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !ends(); left = deadline - System.nanoTime()) {
      signal.await(left);
    }
  }

  private boolean ends() {
    return closed || Thread.currentThread().isInterrupted();
  }

  @Override
  public void close() {
    closed = true;
    signal.raise();
    sleeper.close();
  }
}
