package io.howdah;

import io.howdah.internal.subscription.Claimed;
import io.howdah.internal.subscription.Inlet;
import io.howdah.internal.subscription.LongPoll;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
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
  /** Null if nothing was claimed. */
  private final @Nullable String token;
  private State state = State.OPEN;

  private enum State {
    OPEN,
    /** A transaction of the caller's has settled all; whether it has committed is not known. */
    LENT, SETTLED, RELEASED
  }

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
   *           changed; {@link ErrorCode#CLOSED} if all was settled or handed back
   *           before; {@link ErrorCode#INVALID} if the outcomes name a delivery of
   *           another batch
   */
  public void settle(Outcomes outcomes) {
    settle(open -> inlet.settle(open, deliveries, outcomes), State.SETTLED);
    if (shared) {
      inlet.freed();
    }
  }

  /**
   * {@link #settle(Outcomes)} in the caller's transaction: the outcomes count if,
   * and only if, it commits. After a rollback the same batch can be settled again,
   * for as long as its lease lasts. The batch cannot know how the transaction
   * ends, so its close hands nothing back after this; {@link #release()} does so
   * after a rollback.
   *
   * @throws HowdahException
   *           as {@link #settle(Outcomes)}; if the transaction of an earlier settle
   *           has committed, {@link ErrorCode#LAPSED} says that nothing was left
   */
  public void settle(Connection connection, Outcomes outcomes) {
    settle(open -> inlet.settle(connection, open, deliveries, outcomes), State.LENT);
    if (shared) {
      inlet.mayFree();
    }
  }

  private void settle(Predicate<String> settling, State settled) {
    if (token == null) {
      return;
    }
    if (state == State.SETTLED || state == State.RELEASED) {
      throw new HowdahException(ErrorCode.CLOSED, "these messages of " + inlet.subscription() + " were "
          + (state == State.SETTLED ? "already settled" : "handed back already") + "; nothing was changed");
    }
    if (settling.test(token)) {
      state = settled;
    }
  }

  /**
   * Starts the lease again from now.
   *
   * @throws HowdahException
   *           {@link ErrorCode#LAPSED} if it has run out already
   */
  public void renew() {
    if (token != null && (state == State.OPEN || state == State.LENT)) {
      inlet.renew(token, lease);
    }
  }

  /**
   * Hands all back that is not settled, without counting an attempt; false if
   * there was nothing to hand back. After {@link #settle(Connection, Outcomes)} it
   * is for a transaction that was rolled back; it waits for one that is still open.
   */
  public boolean release() {
    if (token == null || state == State.SETTLED || state == State.RELEASED) {
      return false;
    }
    boolean released = inlet.release(token);
    state = State.RELEASED;
    if (released) {
      inlet.freed();
    }
    return released;
  }

  /** {@link #release()}, but nothing after {@link #settle(Connection, Outcomes)} of all. */
  @Override
  public void close() {
    if (state == State.OPEN) {
      release();
    }
  }
}
