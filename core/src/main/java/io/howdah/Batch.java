package io.howdah;

import io.howdah.internal.subscription.Claimed;
import io.howdah.internal.subscription.Inlet;
import io.howdah.internal.subscription.LongPoll;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages under one lease, claimed by hand. Closing it hands back what is not
 * settled. For one thread at a time.
 */
public final class Batch<T> implements AutoCloseable {

  private final Inlet<T> inlet;
  private final Duration lease;
  private final List<Delivery<T>> deliveries;
  /** Whether others may have permits when something is settled here. */
  private final boolean shared;
  /** Null once nothing is left to settle. */
  private @Nullable String token;

  private Batch(Inlet<T> inlet, Duration lease, Claimed<T> claimed) {
    this.inlet = inlet;
    this.lease = lease;
    this.deliveries = List.copyOf(claimed.deliveries());
    this.shared = claimed.permit().shared();
    this.token = claimed.token();
  }

  static <T> Batch<T> claim(Inlet<T> inlet, int quantity, Duration lease) {
    Limits.quantity("quantity", quantity);
    Limits.lease(lease);
    return new Batch<>(inlet, lease, inlet.claim(quantity, lease, ProcessName.NAME));
  }

  static <T> Batch<T> claim(Inlet<T> inlet, int quantity, Duration lease, Duration wait, LongPoll poll) {
    Limits.quantity("quantity", quantity);
    Limits.lease(lease);
    Limits.between("wait", wait, Duration.ZERO, Duration.ofDays(1));
    try (poll) {
      return new Batch<>(inlet, lease, poll.until(System.nanoTime() + wait.toNanos(), quantity,
          () -> inlet.claim(quantity, lease, ProcessName.NAME)));
    }
  }

  /** In order of position; empty if nothing was ready. */
  public List<Delivery<T>> deliveries() {
    return deliveries;
  }

  public boolean isEmpty() {
    return deliveries.isEmpty();
  }

  public int size() {
    return deliveries.size();
  }

  /** Settles all as done. */
  public void done() {
    settle(Outcomes.done());
  }

  /**
   * Settles. Deliveries that the outcomes leave open stay under the lease, to be
   * settled later.
   *
   * @throws HowdahException
   *           {@link ErrorCode#LAPSED} if the lease has run out and nothing was
   *           changed
   */
  public void settle(Outcomes outcomes) {
    if (token == null) {
      return;
    }
    if (inlet.settle(token, deliveries, outcomes)) {
      token = null;
    }
    if (shared) {
      inlet.freed();
    }
  }

  /**
   * {@link #settle(Outcomes)} in the caller's transaction: the outcomes count if,
   * and only if, it commits. The batch cannot know whether it did, so its close
   * hands nothing back after this.
   */
  public void settle(Connection connection, Outcomes outcomes) {
    if (token == null) {
      return;
    }
    if (inlet.settle(connection, token, deliveries, outcomes)) {
      token = null;
    }
    if (shared) {
      inlet.mayFree();
    }
  }

  /**
   * Starts the lease again from now.
   *
   * @throws HowdahException
   *           {@link ErrorCode#LAPSED} if it has run out already
   */
  public void renew() {
    if (token != null) {
      inlet.renew(token, lease);
    }
  }

  /**
   * Hands all back that is not settled, without counting an attempt; false if
   * there was nothing to hand back.
   */
  public boolean release() {
    String open = token;
    token = null;
    boolean released = open != null && inlet.release(open);
    if (released) {
      inlet.freed();
    }
    return released;
  }

  /** {@link #release()}. */
  @Override
  public void close() {
    release();
  }
}
