package io.howdah.internal.subscription;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The slices that a worker has. Owned by its loop. */
final class Slices<T> {

  private final List<Slice<T>> slices = new ArrayList<>();

  List<Slice<T>> all() {
    return slices;
  }

  void add(Slice<T> slice) {
    slices.add(slice);
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

  /** Messages that nobody has started. */
  int unstarted() {
    int messages = 0;
    for (Slice<T> slice : slices) {
      messages += slice.unstarted();
    }
    return messages;
  }

  /** Slices that have such messages. */
  int waiting() {
    int waiting = 0;
    for (Slice<T> slice : slices) {
      waiting += slice.unstarted() > 0 ? 1 : 0;
    }
    return waiting;
  }

  /** Starts nothing more of any slice. */
  void abandon() {
    slices.forEach(Slice::abandon);
  }

  void abandonOverdue(long now) {
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
  long untilNext(long now, long wait, long patience) {
    long shortest = slices.isEmpty() ? wait : Math.min(wait, patience);
    for (Slice<T> slice : slices) {
      shortest = Math.min(shortest, slice.untilRenewal(now));
    }
    return shortest;
  }
}
