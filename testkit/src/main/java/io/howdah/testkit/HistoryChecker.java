package io.howdah.testkit;

import java.util.List;
import java.util.Set;

/**
 * Finds the broken promises in a history of one stream.
 *
 * <ul>
 * <li>lost: acknowledged, but not delivered to a subscription, or (once drained) not ended there;
 * <li>phantom: delivered, but never attempted or rolled back;
 * <li>duplicated: delivered again after it was done or rejected, or although its earlier token was neither voided, nor settled with retry or
 * release, nor settled with unknown outcome;
 * <li>reordered: published after another message of its key was acknowledged, and yet at a lower position; two messages at one position;
 * or, for an ordered reader, first delivered behind a higher position, or delivered while one before it in its order has not ended and is
 * in other hands or in nobody's;
 * <li>overlapped: for an ordered reader, delivered under one token while another message of its order was in flight under another. In
 * flight is what was delivered, until its holder begins to settle ({@link History#settling}) or its token is voided: a consumer that goes
 * on after its lease has run out overlaps with nobody, because nothing was promised about it;
 * <li>settled twice: two outcomes that end it were accepted;
 * <li>unfenced: an outcome was accepted under a voided token after the message had been handed out under another;
 * <li>early, expired: handed out before it was due, or after its time to live;
 * <li>miscounted: the attempt is lower than one more than the retries that were accepted, or higher than one more than the deliveries.
 * </ul>
 *
 * <p>
 * Time and memory grow with the number of events: a million messages on one subscription take a few seconds and half a gigabyte.
 */
public final class HistoryChecker {
  /** In what order deliveries must come. */
  public enum Order {
    /** Any order: several consumers compete. */
    ANY,
    /** By position within each key, whose messages are in one hand at a time; one that fails holds up its key. */
    KEY,
    /** By position, in one hand at a time; one that fails holds up all. */
    STRICT
  }

  private final Set<String> subscriptions;
  private final Order order;
  private final boolean drained;
  private final boolean allClaimsSeen;

  private HistoryChecker(Set<String> subscriptions, Order order, boolean drained, boolean allClaimsSeen) {
    this.subscriptions = subscriptions;
    this.order = order;
    this.drained = drained;
    this.allClaimsSeen = allClaimsSeen;
  }

  /** A checker for these subscriptions: every acknowledged message must have reached each of them and ended there, in any order. */
  public static HistoryChecker of(String... subscriptions) {
    return new HistoryChecker(Set.of(subscriptions), Order.ANY, true, true);
  }

  /** The same with another order of deliveries. */
  public HistoryChecker withOrder(Order newOrder) {
    return new HistoryChecker(subscriptions, newOrder, drained, allClaimsSeen);
  }

  /** The same for a history that was stopped before everything was consumed: nothing counts as lost. */
  public HistoryChecker whileRunning() {
    return new HistoryChecker(subscriptions, order, false, allClaimsSeen);
  }

  /**
   * The same where messages may be claimed and lost before anybody records them, with an answer that never came or a worker that died
   * before it began with them: attempts may be higher than the deliveries.
   */
  public HistoryChecker withUnseenClaims() {
    return new HistoryChecker(subscriptions, order, drained, false);
  }

  /** Every violation, in order of discovery; empty if all promises were kept. */
  public List<Violation> check(History history) {
    return new HistoryReading(this).read(history.events());
  }

  /** Throws an AssertionError that lists the first violations, if there are any. */
  public void assertKept(History history) {
    List<Violation> violations = check(history);
    if (!violations.isEmpty()) {
      throw new AssertionError("%d promises broken, first: %s".formatted(violations.size(),
          violations.subList(0, Math.min(10, violations.size()))));
    }
  }

  Set<String> subscriptions() {
    return subscriptions;
  }

  Order order() {
    return order;
  }

  boolean isDrained() {
    return drained;
  }

  boolean seesAllClaims() {
    return allClaimsSeen;
  }
}
