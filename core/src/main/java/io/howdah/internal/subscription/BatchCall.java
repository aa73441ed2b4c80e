package io.howdah.internal.subscription;

import io.howdah.BatchHandler;
import io.howdah.Delivery;
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
    hand.begin(slice.isOrdered(), () -> failures.timedOut(slice, 0, deliveries.size()));
    Outcomes outcomes = null;
    Throwable failure = Failures.noAnswer();
    try {
      outcomes = Answers.fitting(deliveries, handler.handle(List.copyOf(deliveries)));
    } catch (Throwable e) {
      failure = e;
    }
    boolean inTime = hand.end();
    slice.spent(System.nanoTime() - begun);
    if (inTime && outcomes != null) {
      Answers.handled(deliveries, outcomes, (outcome, i) -> slice.answer(i, outcome));
    } else if (inTime) {
      Answers.failed(deliveries, failures.of(deliveries, failure), (outcome, i) -> slice.answer(i, outcome));
    }
  }
}
