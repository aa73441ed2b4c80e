package io.howdah.internal.subscription;

import io.howdah.BatchHandler;
import io.howdah.Batching;
import io.howdah.Delivery;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Gives messages to a batcher, and calls the handler for each part of a batch. */
final class CollectCall<T> implements Call<T>, Batcher.Handling<CollectCall.Entry<T>> {

  /** A message of a slice, which gets its outcome. */
  record Entry<T>(Slice<T> slice, int index) {

    Delivery<T> delivery() {
      return slice.deliveries().get(index);
    }

    void answer(Outcome outcome) {
      slice.answer(index, outcome);
    }

    /** False if it has to go back because one before it has failed. */
    boolean isOpen() {
      return slice.outcome(index) == null;
    }
  }

  private static final Object ONE_BATCH = "";

  private final BatchHandler<T> handler;
  private final Batching<T> batching;
  private final Means means;
  private final Batcher<Entry<T>> batcher;

  CollectCall(BatchHandler<T> handler, Batching<T> batching, Means means) {
    this.handler = handler;
    this.batching = batching;
    this.means = means;
    this.batcher = new Batcher<>(
        new Batcher.Rules(means.name(), batching.size(), batching.longestWait(), means.options().concurrency()), this,
        means.keeper(), means.signal()::raise);
  }

  @Override
  public Feed feed() {
    return Feed.AHEAD;
  }

  @Override
  public void on(Slice<T> slice, Hand hand) {
    for (int i = slice.turns().startNext(); i >= 0; i = slice.turns().startNext()) {
      batcher.add(ONE_BATCH, new Entry<>(slice, i));
    }
  }

  @Override
  public void handle(Batcher.Lot<Entry<T>> lot, Hand hand) {
    for (List<Entry<T>> part : parts(lot.entries())) {
      handle(part.stream().filter(Entry::isOpen).toList(), hand);
    }
  }

  @Override
  public void release(Entry<T> entry) {
    entry.answer(Outcome.release());
  }

  @Override
  public void leave(Entry<T> entry) {
    if (entry.isOpen()) {
      entry.slice().leave(entry.index());
    }
  }

  private Collection<List<Entry<T>>> parts(List<Entry<T>> batch) {
    Function<Delivery<T>, ?> part = batching.part();
    if (part == null) {
      return List.of(batch);
    }
    Map<Object, List<Entry<T>>> parts = new LinkedHashMap<>();
    for (Entry<T> entry : batch) {
      try {
        Object value = Objects.requireNonNull(part.apply(entry.delivery()), "splitBy answered null");
        parts.computeIfAbsent(value, each -> new ArrayList<>()).add(entry);
      } catch (Throwable e) {
        entry.answer(means.failures().of(entry.delivery(), e));
      }
    }
    return parts.values();
  }

  private void handle(List<Entry<T>> part, Hand hand) {
    if (hand.isReplaced()) {
      part.forEach(this::release);
      return;
    }
    if (part.isEmpty()) {
      return;
    }
    hand.begin(part.getFirst().slice().isOrdered(), () -> {
      part.forEach(entry -> entry.answer(means.failures().timeout()));
      means.signal().raise();
    });
    List<Delivery<T>> deliveries = part.stream().map(Entry::delivery).toList();
    Outcomes outcomes = null;
    Throwable failure = Failures.noAnswer();
    try {
      outcomes = Answers.fitting(deliveries, handler.handle(deliveries));
    } catch (Throwable e) {
      failure = e;
    }
    if (!hand.end()) {
      return;
    }
    if (outcomes != null) {
      Answers.handled(deliveries, outcomes, (outcome, i) -> part.get(i).answer(outcome));
    } else {
      Answers.failed(deliveries, means.failures().of(deliveries, failure), (outcome, i) -> part.get(i).answer(outcome));
    }
  }

  @Override
  public void flush() {
    batcher.flush();
  }

  @Override
  public void stop() {
    batcher.stop();
  }

  @Override
  public void interrupt() {
    batcher.interrupt();
  }
}
