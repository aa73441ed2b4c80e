package io.howdah;

import io.howdah.internal.subscription.Tap;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is published to a stream from now on, for a listener that keeps no state:
 * see {@link Stream#listen}. Each message comes at most once, and is settled
 * before it is handed out; there is nothing to answer. Memory is bounded: 100
 * messages are fetched ahead. Lost connections and restarts of the database are
 * outlived. Close it; one that was not closed, because its process died, goes by
 * itself. For one thread at a time; {@link #close()} may come from any.
 */
public final class Events<T> implements Iterator<Delivery<T>>, AutoCloseable {

  private static final long LONG = Duration.ofHours(1).toNanos();

  private final String subscription;
  private final Tap<T> tap;
  private final Consumer<AutoCloseable> onClose;
  private @Nullable Delivery<T> ahead;

  Events(String subscription, Tap<T> tap, Consumer<AutoCloseable> onClose) {
    this.subscription = subscription;
    this.tap = tap;
    this.onClose = onClose;
  }

  /** The name of the subscription that it has for itself. */
  public String subscription() {
    return subscription;
  }

  /**
   * Waits for the next message; false once this is closed, or when the thread was
   * interrupted.
   *
   * @throws HowdahException
   *           {@link ErrorCode#NOT_FOUND} if its subscription has expired, because
   *           nobody asked for so long, or was dropped
   */
  @Override
  public boolean hasNext() {
    while (ahead == null && !tap.isClosed() && !Thread.currentThread().isInterrupted()) {
      ahead = tap.next(LONG);
    }
    return ahead != null;
  }

  @Override
  public Delivery<T> next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the events of " + subscription + " are closed");
    }
    Delivery<T> next = ahead;
    ahead = null;
    return Objects.requireNonNull(next);
  }

  /** The next message, if one comes within this time; see {@link #hasNext()}. */
  public Optional<Delivery<T>> poll(Duration most) {
    Delivery<T> next = ahead != null ? ahead : tap.next(Durations.bounded(most).toNanos());
    ahead = null;
    return Optional.ofNullable(next);
  }

  /** Removes the subscription. Who waits is told that there is nothing more. */
  @Override
  public void close() {
    tap.close();
    onClose.accept(this);
  }
}
