package io.howdah.internal.subscription;

import io.howdah.PipelineBatch.Trigger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Collects entries, those with equal keys together, until a batch is full or its
 * first entry has waited long enough; threads of its own then handle it. Whoever
 * adds waits while as much is collected as all threads together and one more
 * batch hold, so nothing piles up; if it is spread over many keys, the oldest
 * batch is closed to make room.
 */
public final class Batcher<E> implements Crew.Duty<Batcher.Lot<E>> {

  /** How it collects. */
  public record Rules(String name, int size, Duration longestWait, int concurrency) {
  }

  /** What becomes of the entries. */
  public interface Handling<E> {

    void handle(Lot<E> lot, Hand hand);

    /** Nothing is begun with this one any more. */
    void release(E entry);

    /** Nobody knows what has become of it: if it is not answered, its lease is to run out. */
    void leave(E entry);
  }

  /** A closed batch; {@code since} is when it was opened. */
  public record Lot<E>(Object key, Trigger trigger, List<E> entries, long since) {
  }

  private record Open<E>(List<E> entries, long since, long flushAt) {
  }

  private final Rules rules;
  private final Handling<E> handling;
  private final Runnable answered;
  private final int capacity;
  private final Crew<Lot<E>> crew;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();

  // Guarded by lock.
  private final ArrayDeque<Lot<E>> full = new ArrayDeque<>();
  private final Map<Object, Open<E>> collecting = new LinkedHashMap<>();
  private int held;
  private boolean eager;
  private boolean stopped;

  /** Starts its threads; {@code answered} is run after each batch. */
  public Batcher(Rules rules, Handling<E> handling, TimeKeeper keeper, Runnable answered) {
    this.rules = rules;
    this.handling = handling;
    this.answered = answered;
    this.capacity = rules.size() * (rules.concurrency() + 1);
    this.crew = new Crew<>("batch-" + rules.name(), this, keeper);
    crew.start(rules.concurrency());
  }

  /** Adds an entry; waits while there is no room. */
  public void add(Object key, E entry) {
    lock.lock();
    try {
      while (held >= capacity && !stopped) {
        if (full.isEmpty()) {
          closeOldest(Trigger.ROOM);
        }
        room.awaitUninterruptibly();
      }
      if (stopped) {
        handling.release(entry);
        return;
      }
      held++;
      List<E> entries = collecting.computeIfAbsent(key, each -> open()).entries();
      entries.add(entry);
      if (entries.size() >= rules.size()) {
        close(key, Trigger.SIZE);
      } else if (eager || entries.size() == 1) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private Open<E> open() {
    long now = System.nanoTime();
    return new Open<>(new ArrayList<>(), now, now + rules.longestWait().toNanos());
  }

  private void close(Object key, Trigger trigger) {
    Open<E> open = collecting.remove(key);
    if (open != null) {
      full.addLast(new Lot<>(key, trigger, open.entries(), open.since()));
      work.signal();
    }
  }

  private void closeOldest(Trigger trigger) {
    if (!collecting.isEmpty()) {
      close(collecting.keySet().iterator().next(), trigger);
    }
  }

  /** What is collected is not to wait any longer. */
  public void flush() {
    lock.lock();
    try {
      while (!collecting.isEmpty()) {
        closeOldest(Trigger.FLUSH);
      }
    } finally {
      lock.unlock();
    }
  }

  /** From now on nothing waits longer than for a free thread. */
  public void hurry() {
    lock.lock();
    eager = true;
    work.signalAll();
    lock.unlock();
  }

  @Override
  public @Nullable Lot<E> take() {
    lock.lock();
    try {
      while (!stopped) {
        closeWhatHasWaited();
        if (eager && full.isEmpty()) {
          closeOldest(Trigger.FLUSH);
        }
        Lot<E> lot = full.pollFirst();
        if (lot != null) {
          held -= lot.entries().size();
          room.signalAll();
          return lot;
        }
        if (collecting.isEmpty()) {
          work.awaitUninterruptibly();
        } else {
          work.awaitNanos(collecting.values().iterator().next().flushAt() - System.nanoTime());
        }
      }
      return null;
    } catch (InterruptedException e) {
      return new Lot<>("", Trigger.FLUSH, List.of(), 0); // meant for a handler, and none is running: come back
    } finally {
      lock.unlock();
    }
  }

  private void closeWhatHasWaited() {
    while (!collecting.isEmpty() && collecting.values().iterator().next().flushAt() - System.nanoTime() <= 0) {
      closeOldest(Trigger.TIME);
    }
  }

  @Override
  public void handle(Lot<E> lot, Hand hand) {
    if (!lot.entries().isEmpty()) {
      handling.handle(lot, hand);
    }
  }

  @Override
  public void failed(Lot<E> lot) {
    lot.entries().forEach(handling::leave);
  }

  @Override
  public void over(Lot<E> lot) {
    answered.run();
  }

  /** Hands back what no handler has begun with; threads end after this call. */
  public void stop() {
    lock.lock();
    try {
      stopped = true;
      while (!collecting.isEmpty()) {
        closeOldest(Trigger.FLUSH);
      }
      full.forEach(lot -> lot.entries().forEach(handling::release));
      full.clear();
      work.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    answered.run();
  }

  public void interrupt() {
    crew.interrupt();
  }
}
