package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.HowdahException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets messages of a subscription of its own run out, each settled as it is
 * claimed. Goes on when the database was away; ends with an error when the
 * subscription is gone. For one thread at a time, but for close.
 */
public final class Tap<T> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Tap.class);
  private static final int MOST = 100;

  private final Inlet<T> inlet;
  private final LongPoll poll;
  private final String owner;
  private final Runnable drop;
  private final AtomicBoolean closed = new AtomicBoolean();

  // Owned by the thread that reads.
  private final Queue<Delivery<T>> waiting = new ArrayDeque<>();
  private final Outage outage;

  public Tap(Inlet<T> inlet, LongPoll poll, String owner, Runnable drop) {
    this.inlet = inlet;
    this.poll = poll;
    this.owner = owner;
    this.drop = drop;
    this.outage = new Outage(inlet.subscription(), new Counters(), System::nanoTime);
  }

  /** The next message; null when the time is over, the tap is closed, or the thread was interrupted. */
  public @Nullable Delivery<T> next(long nanos) {
    long deadline = System.nanoTime() + nanos;
    while (waiting.isEmpty() && !closed.get()) {
      try {
        waiting.addAll(poll.until(deadline, MOST, () -> inlet.pop(MOST, owner)).deliveries());
        outage.succeeded();
      } catch (HowdahException e) {
        if (closed.get()) {
          break; // most likely the subscription has just been dropped
        } else if (!passes(e)) {
          throw e;
        }
        poll.pause(Math.min(outage.failed(e), deadline - System.nanoTime()));
      }
      if (deadline - System.nanoTime() <= 0 || Thread.currentThread().isInterrupted()) {
        break;
      }
    }
    return waiting.poll();
  }

  private static boolean passes(HowdahException e) {
    return switch (e.code()) {
      case UNAVAILABLE, TIMEOUT, CONTENTION, DENIED, SCHEMA_MISSING, SCHEMA_VERSION -> true;
      default -> false;
    };
  }

  public boolean isClosed() {
    return closed.get();
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    poll.close();
    try {
      drop.run();
    } catch (HowdahException e) {
      LOG.debug("subscription {} goes when its time is over: {}", inlet.subscription(), e.getMessage());
    }
  }
}
