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
import java.util.function.Consumer;
import java.util.function.Function;

/** Gives messages to a batcher, and calls the handler for each part of a batch. */
final class CollectCall<T> implements Call<T>, Batcher.Handling<CollectCall.Entry<T>> {

  /** A message and where its outcome goes. */
  record Entry<T>(Delivery<T> delivery, Consumer<Outcome> answer) {
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
    for (int i = slice.start(); i >= 0; i = slice.start()) {
      int index = i;
      batcher.add(ONE_BATCH, new Entry<>(slice.deliveries().get(index), outcome -> slice.answer(index, outcome)));
    }
  }

  @Override
  public void handle(Batcher.Lot<Entry<T>> lot, Hand hand) {
    for (List<Entry<T>> part : parts(lot.entries())) {
      handle(part, hand);
    }
  }

  @Override
  public void release(Entry<T> entry) {
    entry.answer().accept(Outcome.release());
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
        entry.answer().accept(means.failures().of(entry.delivery(), e));
      }
    }
    return parts.values();
  }

  private void handle(List<Entry<T>> part, Hand hand) {
    if (hand.isReplaced()) {
      part.forEach(this::release);
      return;
    }
    hand.begin(() -> {
      part.forEach(entry -> entry.answer().accept(means.failures().timeout()));
      means.signal().raise();
    });
    Outcomes outcomes = outcomes(part.stream().map(Entry::delivery).toList());
    if (hand.end()) {
      for (Entry<T> entry : part) {
        Outcome outcome = outcomes.of(entry.delivery().position());
        entry.answer().accept(outcome == null ? Outcome.release() : outcome);
      }
    }
  }

  private Outcomes outcomes(List<Delivery<T>> deliveries) {
    try {
      Outcomes outcomes = handler.handle(deliveries);
      return outcomes == null ? means.failures().of(deliveries, Failures.noAnswer()) : outcomes;
    } catch (Throwable e) {
      return means.failures().of(deliveries, e);
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
