package io.howdah.internal.subscription;

import io.howdah.Ordering;
import io.howdah.internal.wakeup.Permit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The slices that a worker has. Owned by its loop. */
final class Slices<T> {

  private static final long PATIENCE = Duration.ofSeconds(1).toNanos();
  private static final long CROWDED_PATIENCE = Duration.ofMillis(10).toNanos();
  private static final long CROWDED = Duration.ofSeconds(10).toNanos();
  private static final long STALE = Duration.ofSeconds(5).toNanos();
  private static final long ORDERED_PATIENCE = Duration.ofMillis(100).toNanos();

  private final Inlet<T> inlet;
  private final List<Slice<T>> slices = new ArrayList<>();
  /** Null: it is to be asked for. */
  private @Nullable Ordering ordering;
  /** When it was asked for. */
  private long learntAt = System.nanoTime();
  private @Nullable String database;
  /** When a limit was last met whose permits come back with what is settled. */
  private long crowdedAt = System.nanoTime() - CROWDED;
  private Permit permit = Permit.FREE;

  Slices(Inlet<T> inlet, Terms terms) {
    this.inlet = inlet;
    this.ordering = terms.ordering();
    this.database = terms.database();
  }

  List<Slice<T>> all() {
    return slices;
  }

  void add(Slice<T> slice) {
    slices.add(slice);
  }

  /** Asks in which order messages are handled, if that is not known, or where there is one and it may block no more. */
  void learnOrdering() {
    long now = System.nanoTime();
    if (ordering == null || ordering.isOrdered() && now - learntAt >= STALE) {
      Terms terms = inlet.terms();
      ordering = terms.ordering();
      database = terms.database();
      learntAt = now;
    }
  }

  /** The identity of the database that had the subscription when it was looked at last. */
  @Nullable
  String database() {
    return database;
  }

  /** The order of messages that are claimed now. */
  Ordering ordering() {
    return ordering == null ? Ordering.none() : ordering;
  }

  /** Whether nothing more is to be had while there is a slice. */
  boolean isStrict() {
    return ordering().order() == Ordering.Order.STRICT;
  }

  /** What limits said to the last claim, and whether it found anything. */
  void limited(Permit newPermit, boolean found) {
    if (newPermit.crowded()) {
      crowdedAt = System.nanoTime();
    }
    if (found || newPermit.shared()) {
      permit = newPermit;
    }
  }

  /** Whether others may have something now that so many messages were settled and so many claimed. */
  boolean leavesSome(int settled, int claimed) {
    return permit.keyed() ? settled > 0 : settled > claimed && (permit.shared() || ordering().isOrdered());
  }

  /**
   * How long answers wait for the rest of their slice, in nanoseconds: others may wait for them where there is an order,
   * or for their permits.
   */
  long patience() {
    if (System.nanoTime() - crowdedAt < CROWDED) {
      return CROWDED_PATIENCE;
    }
    return ordering().isOrdered() ? ORDERED_PATIENCE : PATIENCE;
  }

  boolean isEmpty() {
    return slices.isEmpty();
  }

  int size() {
    return slices.size();
  }

  List<Slice<T>> answered() {
    List<Slice<T>> answered = new ArrayList<>();
    for (Slice<T> slice : slices) {
      if (slice.isAnswered()) {
        answered.add(slice);
      }
    }
    return answered;
  }

  /** Messages that have no answer. */
  int unanswered() {
    int messages = 0;
    for (Slice<T> slice : slices) {
      messages += slice.unanswered();
    }
    return messages;
  }

  /** Messages that may be started now. */
  int startable() {
    int messages = 0;
    for (Slice<T> slice : slices) {
      messages += slice.turns().startable();
    }
    return messages;
  }

  /** Gives back what waits for others here, if it is more than this many messages. */
  void letGo(int most) {
    int waiting = 0;
    for (Slice<T> slice : slices) {
      waiting += slice.turns().unstarted() - slice.turns().startable();
    }
    if (waiting > most) {
      slices.forEach(Slice::letGo);
    }
  }

  /** Whether hands have settled messages of their own since this was asked last. */
  boolean takeFreed() {
    boolean freed = false;
    for (Slice<T> slice : slices) {
      freed |= slice.takeFreed();
    }
    return freed;
  }

  /** Slices that have such messages. */
  int waiting() {
    int waiting = 0;
    for (Slice<T> slice : slices) {
      waiting += slice.turns().startable() > 0 ? 1 : 0;
    }
    return waiting;
  }

  /** Starts nothing more of any slice. */
  void abandon() {
    slices.forEach(Slice::abandon);
  }

  /** The database could not be asked: a slice whose lease may have run out meanwhile is not begun any more. */
  void abandonOverdue(long now) {
    ordering = null; // the subscription may be another one when this is over
    slices.stream().filter(slice -> slice.isOverdue(now)).forEach(Slice::abandon);
  }

  /** Removes what is closed, each of which is shown before. */
  void forget(Consumer<Slice<T>> closed) {
    slices.removeIf(slice -> {
      if (slice.isClosed()) {
        closed.accept(slice);
      }
      return slice.isClosed();
    });
  }

  /** The shortest of this wait, of the patience if there is a slice, and of the times until a lease is renewed. */
  long untilNext(long now, long wait) {
    long shortest = slices.isEmpty() ? wait : Math.min(wait, patience());
    for (Slice<T> slice : slices) {
      shortest = Math.min(shortest, slice.untilRenewal(now));
    }
    return shortest;
  }
}
