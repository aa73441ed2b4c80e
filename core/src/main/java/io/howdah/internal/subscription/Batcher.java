package io.howdah.internal.subscription;

import io.howdah.BatchHandler;
import io.howdah.Batching;
import io.howdah.Delivery;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Collects messages until a batch is full or its first message has waited long
 * enough; hands of its own then call the handler, part by part. Whoever adds
 * waits while as much is collected as all hands together and one more batch
 * hold, so nothing piles up.
 */
final class Batcher<T> {

  /** A message and where its outcome goes. */
  record Entry<T>(Delivery<T> delivery, Consumer<Outcome> answer) {
  }

  private final String name;
  private final Batching<T> batching;
  private final BatchHandler<T> handler;
  private final Failures failures;
  private final TimeKeeper keeper;
  private final Runnable answered;
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();

  // Guarded by lock.
  private final Set<Hand> hands = new HashSet<>();
  private final ArrayDeque<List<Entry<T>>> full = new ArrayDeque<>();
  private List<Entry<T>> collecting = new ArrayList<>();
  private long flushAt;
  private int held;
  private boolean stopped;

  Batcher(String name, Batching<T> batching, int concurrency, BatchHandler<T> handler, Failures failures,
      TimeKeeper keeper, Runnable answered) {
    this.name = name;
    this.batching = batching;
    this.handler = handler;
    this.failures = failures;
    this.keeper = keeper;
    this.answered = answered;
    this.capacity = batching.size() * (concurrency + 1);
    for (int i = 0; i < concurrency; i++) {
      start();
    }
  }

  private void start() {
    Thread.ofVirtual().name("howdah-batch-" + name).start(this::run);
  }

  /** Adds a message; waits while there is no room. */
  void add(Entry<T> entry) {
    lock.lock();
    try {
      while (held >= capacity && !stopped) {
        room.awaitUninterruptibly();
      }
      if (stopped) {
        entry.answer().accept(Outcome.release());
        return;
      }
      if (collecting.isEmpty()) {
        flushAt = System.nanoTime() + batching.longestWait().toNanos();
        work.signal();
      }
      held++;
      collecting.add(entry);
      if (collecting.size() >= batching.size()) {
        close();
      }
    } finally {
      lock.unlock();
    }
  }

  private void close() {
    if (!collecting.isEmpty()) {
      full.addLast(collecting);
      collecting = new ArrayList<>();
      work.signal();
    }
  }

  /** What is collected is not to wait any longer. */
  void flush() {
    lock.lock();
    close();
    lock.unlock();
  }

  private void run() {
    Hand hand = new Hand(keeper, this::start);
    lock.lock();
    hands.add(hand);
    lock.unlock();
    for (List<Entry<T>> batch = take(); batch != null; batch = take()) {
      for (List<Entry<T>> part : parts(batch)) {
        handle(part, hand);
      }
      answered.run();
      if (hand.isReplaced()) {
        break;
      }
    }
    keeper.forget(hand);
    lock.lock();
    hands.remove(hand);
    lock.unlock();
  }

  private @Nullable List<Entry<T>> take() {
    lock.lock();
    try {
      while (!stopped) {
        if (!collecting.isEmpty() && flushAt - System.nanoTime() <= 0) {
          close();
        }
        List<Entry<T>> batch = full.pollFirst();
        if (batch != null) {
          held -= batch.size();
          room.signalAll();
          return batch;
        }
        if (collecting.isEmpty()) {
          work.awaitUninterruptibly();
        } else {
          work.awaitNanos(flushAt - System.nanoTime());
        }
      }
      return null;
    } catch (InterruptedException e) {
      return List.of(); // meant for a handler, and none is running: come back
    } finally {
      lock.unlock();
    }
  }

  private Collection<List<Entry<T>>> parts(List<Entry<T>> batch) {
    Function<Delivery<T>, ?> part = batching.part();
    if (part == null || batch.isEmpty()) {
      return batch.isEmpty() ? List.of() : List.of(batch);
    }
    Map<Object, List<Entry<T>>> parts = new LinkedHashMap<>();
    for (Entry<T> entry : batch) {
      try {
        Object value = Objects.requireNonNull(part.apply(entry.delivery()), "splitBy answered null");
        parts.computeIfAbsent(value, each -> new ArrayList<>()).add(entry);
      } catch (Throwable e) {
        entry.answer().accept(failures.of(entry.delivery(), e));
      }
    }
    return parts.values();
  }

  private void handle(List<Entry<T>> part, Hand hand) {
    if (hand.isReplaced()) {
      part.forEach(entry -> entry.answer().accept(Outcome.release()));
      return;
    }
    hand.begin(() -> {
      part.forEach(entry -> entry.answer().accept(failures.timeout()));
      answered.run();
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
      return outcomes == null ? failures.of(deliveries, Failures.noAnswer()) : outcomes;
    } catch (Throwable e) {
      return failures.of(deliveries, e);
    }
  }

  /** Hands back what no handler has begun with; hands end after this call. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      close();
      full.forEach(batch -> batch.forEach(entry -> entry.answer().accept(Outcome.release())));
      full.clear();
      work.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    answered.run();
  }

  void interrupt() {
    List<Hand> running;
    lock.lock();
    try {
      running = List.copyOf(hands);
    } finally {
      lock.unlock();
    }
    running.forEach(hand -> Thread.ofVirtual().name("howdah-stop").start(hand::stop));
  }
}
