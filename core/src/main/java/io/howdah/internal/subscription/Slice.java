package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.Ordering;
import io.howdah.Outcome;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One claim's messages while a worker has them: which are started, which are
 * answered, which are settled.
 */
public final class Slice<T> {

  private final String token;
  private final List<Delivery<T>> deliveries;
  private final long payloadLength;
  private final long claimedAt;
  private final Ordering ordering;
  private final Turns turns;
  private final OrderedAnswers answers;
  private final AtomicLong spentNanos = new AtomicLong();
  private final AtomicInteger settling = new AtomicInteger();
  private final ConcurrentLinkedQueue<Integer> settledElsewhere = new ConcurrentLinkedQueue<>();
  private volatile boolean urgent;
  /** Whether a settlement of this slice was sent and never answered. */
  private volatile boolean uncertain;
  private volatile boolean abandoned;
  private volatile boolean closed;
  /** Whether some messages are left to their lease. */
  private volatile boolean leaving;
  /** Whether a hand's transaction has settled messages that others may wait for. */
  private volatile boolean freed;

  // Owned by the worker's loop.
  private final BitSet settled = new BitSet();
  private final long leaseNanos;
  private long renewedAt;
  private long lookedAt;
  private boolean settledOnClaim;

  public Slice(String token, Claimed<T> claimed, Ordering ordering, long claimedAt, long leaseNanos) {
    this.token = token;
    this.deliveries = claimed.deliveries();
    this.payloadLength = claimed.payloadLength();
    this.ordering = ordering;
    this.turns = LaneTurns.of(deliveries, ordering);
    this.answers = new OrderedAnswers(deliveries.size(), ordering, turns);
    this.claimedAt = claimedAt;
    this.renewedAt = claimedAt;
    this.lookedAt = claimedAt;
    this.leaseNanos = leaseNanos;
  }

  String token() {
    return token;
  }

  public int size() {
    return deliveries.size();
  }

  public long claimedAt() {
    return claimedAt;
  }

  long payloadLength() {
    return payloadLength;
  }

  public List<Delivery<T>> deliveries() {
    return deliveries;
  }

  /** The keys of those that have one. */
  List<String> keys() {
    return deliveries.stream().map(Delivery::key).filter(Objects::nonNull).map(String::valueOf).toList();
  }

  // Any thread.

  Turns turns() {
    return turns;
  }

  /** Starts all at once; false if any was started before. */
  public boolean startAll() {
    return turns.startAll();
  }

  /** Whether a message that has run out of time comes back only when its handler has ended. */
  public boolean isOrdered() {
    return ordering.isOrdered();
  }

  /** What a message must not overtake others of; null: nothing. */
  public @Nullable String lane(int index) {
    return LaneTurns.lane(deliveries.get(index), ordering.order());
  }

  /** The first answer counts; false if there was one already. What must not go before it then goes back, too. */
  public boolean answer(int index, Outcome outcome) {
    return answers.answer(index, outcome, behind -> {
    });
  }

  public boolean isAnswered() {
    return answers.unanswered() == 0;
  }

  int unanswered() {
    return answers.unanswered();
  }

  /** What a message was answered with, or null. */
  public @Nullable Outcome outcome(int index) {
    return answers.outcome(index);
  }

  /** Nothing is to be said about a message that is not answered: it comes back when the lease has run out. */
  public void leave(int index) {
    leaving = true;
    settledElsewhere.add(index);
    answer(index, Outcome.release());
  }

  /** An answer that is about to be given must not wait for the others. */
  void hurry() {
    urgent = true;
  }

  /** A hand begins a transaction in which it may settle messages of this slice itself. */
  void settling() {
    settling.incrementAndGet();
  }

  /** Such a transaction has ended and its answers are given. */
  void hasSettled() {
    settling.decrementAndGet();
  }

  boolean isBeingSettled() {
    return settling.get() > 0;
  }

  /** A hand has answered and settled a message. */
  void settledBy(int index, Outcome outcome, Counters counters) {
    freed = true;
    settledElsewhere.add(index);
    counters.settled(outcome);
    answers.answer(index, outcome, behind -> {
      settledElsewhere.add(behind);
      counters.settled(Outcome.release());
    });
  }

  /** Whoever handled messages of this slice adds how long that took. */
  void spent(long nanos) {
    spentNanos.addAndGet(nanos);
  }

  long spent() {
    return spentNanos.get();
  }

  /** Answers what nobody has started with release. */
  void abandon() {
    if (settledOnClaim) {
      return; // who would handle them?
    }
    abandoned = true;
    for (int index : turns.startRest()) {
      answer(index, Outcome.release());
    }
  }

  /** The same for what cannot be started before another message is answered. */
  void letGo() {
    for (int index : turns.startWaiting()) {
      answer(index, Outcome.release());
    }
  }

  /** Whether nothing more of it is begun. */
  public boolean isAbandoned() {
    return abandoned;
  }

  // The worker's loop.

  /** All is done in the database already. */
  void setSettledOnClaim() {
    settledOnClaim = true;
    settled.set(0, size());
  }

  long untilRenewal(long now) {
    return settledOnClaim ? Long.MAX_VALUE : renewedAt + leaseNanos / 3 - now;
  }

  boolean isOverdue(long now) {
    return !settledOnClaim && now - renewedAt > leaseNanos;
  }

  void renewed(long now) {
    renewedAt = now;
  }

  /** Whether there are answers that have waited for the rest of the slice for so long that they should go ahead. */
  boolean shouldSettleAhead(long now, long patience) {
    if (!urgent && now - lookedAt < patience) {
      return false;
    }
    urgent = false;
    lookedAt = now;
    return unsettledAnswers() > 0;
  }

  /** Whether messages have been settled elsewhere since this was asked last. */
  boolean takeFreed() {
    boolean was = freed;
    freed = false;
    return was;
  }

  private int unsettledAnswers() {
    absorb();
    return size() - answers.unanswered() - settled.cardinality();
  }

  boolean isUncertain() {
    return uncertain;
  }

  void setUncertain() {
    uncertain = true;
  }

  /** Whether this worker has nothing more to do with it: settled, lapsed or given up. */
  public boolean isClosed() {
    return closed;
  }

  void close() {
    closed = true;
  }

  /** Whether nothing is left to tell the database. */
  boolean isSettled() {
    return isAnswered() && unsettled() == 0;
  }

  private void absorb() {
    for (Integer index = settledElsewhere.poll(); index != null; index = settledElsewhere.poll()) {
      settled.set(index);
    }
  }

  public int unsettled() {
    absorb();
    return size() - settled.cardinality();
  }

  /** What is answered by now and not settled; all of it, so that the slice closes, if all is answered. */
  Part part() {
    boolean last = isAnswered() && !leaving;
    absorb();
    BitSet open = new BitSet(size());
    open.set(0, size());
    open.andNot(settled);
    return Part.of(this, open, last);
  }

  /** What is answered by now, and everything else is handed back: the slice closes. */
  Part lastPart() {
    if (leaving) {
      for (int i = 0; i < size(); i++) {
        answer(i, Outcome.release()); // by name: what is left to its lease is not handed back
      }
      return part();
    }
    Part part = part();
    return part.closes() ? part : new Part(new Settlement(token, part.settlement().items(), "release"), part.covered());
  }

  /** Whether what comes behind a message with this outcome goes back. */
  boolean stops(Outcome outcome) {
    return ordering.stops(outcome);
  }

  /** The database has confirmed the part. */
  void settled(Part part) {
    settled.or(part.covered());
  }
}
