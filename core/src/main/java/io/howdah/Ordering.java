package io.howdah;

import java.util.Objects;

/**
 * In which order the messages of a queue or subscription are handled, by all its consumers together. It is chosen when it
 * is created; only {@code blocking} can be changed later. Workers that run know it within 5 s.
 *
 * @param order
 *          whose order is kept
 * @param blocking
 *          whether a message that fails keeps its place and holds up what comes after it in its order; default true where
 *          there is an order. If not, it comes back later, behind others
 */
public record Ordering(Order order, boolean blocking) {

  /** Whose order is kept. */
  public enum Order {
    /** Nobody's: messages are handled as fast as there are consumers. */
    NONE,
    /**
     * Messages of one key one after the other, in the order of their positions; other keys at the same time. Messages
     * without a key wait for nobody.
     */
    KEY,
    /** All messages one after the other. */
    STRICT,
    /** Messages of one key one after the other, in the order of their times: for job queues. */
    JOB
  }

  private static final Ordering NONE = new Ordering(Order.NONE, false);
  private static final Ordering BY_KEY = new Ordering(Order.KEY, true);
  private static final Ordering STRICT = new Ordering(Order.STRICT, true);

  public Ordering {
    Objects.requireNonNull(order, "order");
    if (blocking && order == Order.NONE) {
      throw Limits.invalid("blocking needs an order");
    }
  }

  public static Ordering none() {
    return NONE;
  }

  /** By key; a message that fails holds up its key. */
  public static Ordering byKey() {
    return BY_KEY;
  }

  /** One message at a time; one that fails holds up all. */
  public static Ordering strict() {
    return STRICT;
  }

  public Ordering withBlocking(boolean newBlocking) {
    return new Ordering(order, newBlocking);
  }

  public boolean isOrdered() {
    return order != Order.NONE;
  }

  /** Whether what comes after a message with this outcome, in its order, must not go on. */
  public boolean stops(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Retry retry -> blocking;
      case Outcome.Release release -> isOrdered();
      case Outcome.Done done -> false;
      case Outcome.Reject reject -> false;
      case Outcome.Archived archived -> false;
    };
  }
}
