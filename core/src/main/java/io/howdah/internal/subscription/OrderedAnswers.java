package io.howdah.internal.subscription;

import io.howdah.Ordering;
import io.howdah.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The answers to messages of a slice: one that goes back takes with it what must not go before it. Safe for any thread. */
final class OrderedAnswers {

  private final Ordering ordering;
  private final Turns turns;
  private final AtomicReferenceArray<Outcome> outcomes;
  private final AtomicInteger unanswered;

  OrderedAnswers(int size, Ordering ordering, Turns turns) {
    this.ordering = ordering;
    this.turns = turns;
    this.outcomes = new AtomicReferenceArray<>(size);
    this.unanswered = new AtomicInteger(size);
  }

  @Nullable
  Outcome outcome(int index) {
    return outcomes.get(index);
  }

  int unanswered() {
    return unanswered.get();
  }

  /**
   * The first answer counts; false if there was one already.
   *
   * @param behind
   *          is told what goes back with it, before it does
   */
  boolean answer(int index, Outcome outcome, IntConsumer behind) {
    if (ordering.stops(outcome)) {
      for (int next = turns.behind(index); next != Turns.NONE; next = turns.behind(next)) {
        turns.skip(next);
        if (outcomes.get(next) == null) {
          behind.accept(next);
          put(next, Outcome.release());
        }
      }
    }
    return put(index, outcome);
  }

  private boolean put(int index, Outcome outcome) {
    if (!outcomes.compareAndSet(index, null, outcome)) {
      return false;
    }
    unanswered.decrementAndGet();
    turns.answered(index);
    return true;
  }
}
