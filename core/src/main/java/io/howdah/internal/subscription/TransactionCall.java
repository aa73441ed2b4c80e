package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.TransactionalBatchHandler;
import io.howdah.internal.jdbc.HandlerConnection;
import io.howdah.internal.jdbc.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls the handler with a connection, and settles what it answers in the same
 * transaction, which commits both or neither. The hand does this, not the loop,
 * message by message or a whole slice at once. When the handler fails, or the
 * settling, all is rolled back and the loop settles a failure as for any other
 * handler.
 */
final class TransactionCall<T> implements Call<T> {

  private final TransactionalBatchHandler<T> handler;
  private final boolean batches;
  private final Inlet<T> inlet;
  private final Failures failures;
  private final Counters counters;

  TransactionCall(TransactionalBatchHandler<T> handler, boolean batches, Inlet<T> inlet, Failures failures,
      Counters counters) {
    this.handler = handler;
    this.batches = batches;
    this.inlet = inlet;
    this.failures = failures;
    this.counters = counters;
  }

  @Override
  public Feed feed() {
    return batches ? Feed.BY_CLAIM : Feed.BY_TIME;
  }

  @Override
  public void on(Slice<T> slice, Hand hand) {
    if (batches) {
      if (slice.startAll()) {
        handle(slice, 0, slice.size(), hand);
      }
      return;
    }
    while (!hand.isReplaced()) {
      int index = slice.turns().start();
      if (index < 0) {
        return;
      }
      handle(slice, index, index + 1, hand);
    }
  }

  private void handle(Slice<T> slice, int from, int to, Hand hand) {
    long begun = System.nanoTime();
    Attempt attempt = new Attempt(slice, List.copyOf(slice.deliveries().subList(from, to)), hand);
    hand.begin(slice.isOrdered(), () -> failures.timedOut(slice, from, to));
    slice.settling();
    try {
      Outcomes outcomes = attempt.run();
      slice.spent(System.nanoTime() - begun);
      if (attempt.late) {
        hand.endLate();
      } else if (attempt.committed) {
        Answers.handled(attempt.deliveries, outcomes, (outcome, i) -> slice.settledBy(from + i, outcome, counters));
      } else {
        Answers.failed(attempt.deliveries, outcomes, (outcome, i) -> slice.answer(from + i, outcome));
      }
    } finally {
      slice.hasSettled();
    }
  }

  /** One transaction. */
  private final class Attempt {

    private final Slice<T> slice;
    private final List<Delivery<T>> deliveries;
    private final Hand hand;
    private boolean called;
    private boolean returned;
    private boolean late;
    private boolean committed;

    Attempt(Slice<T> slice, List<Delivery<T>> deliveries, Hand hand) {
      this.slice = slice;
      this.deliveries = deliveries;
      this.hand = hand;
    }

    Outcomes run() {
      try {
        Outcomes outcomes = inlet.connections().transaction(this::inTransaction);
        committed = true;
        return outcomes;
      } catch (Throwable e) {
        if (!returned) {
          late = !hand.leave();
        }
        return after(e);
      }
    }

    private Outcomes inTransaction(Connection transaction) throws Exception {
      called = true;
      Outcomes outcomes;
      try {
        outcomes = handler.handle(deliveries, HandlerConnection.over(transaction, hand.thread()));
      } finally {
        returned = true;
        late = !hand.leave();
      }
      if (late) {
        throw new HowdahException(ErrorCode.TIMEOUT, "the handler's time was over before it answered");
      }
      if (Answers.fitting(deliveries, outcomes) == null) {
        throw Failures.noAnswer();
      }
      hand.thread().shelter();
      try {
        if (SubscriptionFunctions.settle(transaction, settlement(outcomes)).equals("lapsed")) {
          throw new HowdahException(ErrorCode.LAPSED, "the lease has run out");
        }
        return outcomes;
      } finally {
        hand.thread().leave();
      }
    }

    private Settlement settlement(Outcomes outcomes) {
      List<Settlement.Item> items = new ArrayList<>();
      boolean allDone = deliveries.size() == slice.size();
      for (Delivery<T> delivery : deliveries) {
        Outcome outcome = outcomes.of(delivery.position());
        items.add(new Settlement.Item(delivery.position(), outcome == null ? Outcome.release() : outcome));
        allDone &= outcome instanceof Outcome.Done;
      }
      return allDone
          ? Settlement.done(slice.token())
          : new Settlement(slice.token(), items, deliveries.size() == slice.size() ? "done" : "open");
    }

    /** What has not been committed: a failure of the handler, or nobody's fault. */
    private Outcomes after(Throwable e) {
      boolean lost = e instanceof SQLException known && SqlErrors.connectionLost(known);
      if (!called || (e instanceof HowdahException known && known.code() == ErrorCode.LAPSED && returned)) {
        return Outcomes.all(Outcome.release());
      }
      if (returned && lost) {
        slice.setUncertain(); // it may have been committed: then this release finds nothing left
        return Outcomes.all(Outcome.release());
      }
      return failures.of(deliveries, e);
    }
  }
}
