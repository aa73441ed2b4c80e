package io.howdah.internal.subscription;

import io.howdah.BatchHandler;
import io.howdah.Delivery;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import java.util.List;

/** Calls the handler once for all messages of a slice. */
final class BatchCall<T> implements Call<T> {

  private final BatchHandler<T> handler;
  private final Failures failures;

  BatchCall(BatchHandler<T> handler, Failures failures) {
    this.handler = handler;
    this.failures = failures;
  }

  @Override
  public Feed feed() {
    return Feed.BY_CLAIM;
  }

  @Override
  public void on(Slice<T> slice, Hand hand) {
    if (!slice.startAll()) {
      return;
    }
    List<Delivery<T>> deliveries = slice.deliveries();
    long begun = System.nanoTime();
    hand.begin(() -> failures.timedOut(slice, 0, deliveries.size()));
    Outcomes outcomes = handle(deliveries);
    boolean inTime = hand.end();
    slice.spent(System.nanoTime() - begun);
    if (!inTime) {
      return;
    }
    for (int i = 0; i < deliveries.size(); i++) {
      Outcome outcome = outcomes.of(deliveries.get(i).position());
      slice.answer(i, outcome == null ? Outcome.release() : outcome);
    }
  }

  private Outcomes handle(List<Delivery<T>> deliveries) {
    try {
      Outcomes outcomes = handler.handle(List.copyOf(deliveries));
      return outcomes == null ? failures.of(deliveries, Failures.noAnswer()) : outcomes;
    } catch (Throwable e) {
      return failures.of(deliveries, e);
    }
  }
}
