package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.Handler;
import io.howdah.Outcome;

/** Calls the handler message by message. */
final class EachCall<T> implements Call<T> {

  private final Handler<T> handler;
  private final Failures failures;

  EachCall(Handler<T> handler, Failures failures) {
    this.handler = handler;
    this.failures = failures;
  }

  @Override
  public Feed feed() {
    return Feed.BY_TIME;
  }

  /**
   * The time is told before the answer, since the last answer of a slice lets the
   * loop read it.
   */
  @Override
  public void on(Slice<T> slice, Hand hand) {
    long begun = System.nanoTime();
    while (!hand.isReplaced()) {
      int index = slice.turns().start();
      if (index < 0) {
        return;
      }
      hand.begin(slice.isOrdered(), () -> failures.timedOut(slice, index, index + 1));
      Outcome outcome = handle(slice.deliveries().get(index));
      boolean inTime = hand.end();
      long now = System.nanoTime();
      slice.spent(now - begun);
      begun = now;
      if (inTime) {
        slice.answer(index, outcome);
      }
    }
  }

  private Outcome handle(Delivery<T> delivery) {
    try {
      Outcome outcome = handler.handle(delivery);
      return outcome == null ? failures.of(delivery, Failures.noAnswer()) : outcome;
    } catch (Throwable e) {
      return failures.of(delivery, e);
    }
  }
}
