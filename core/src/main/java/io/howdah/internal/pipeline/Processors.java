package io.howdah.internal.pipeline;

import io.howdah.internal.subscription.Crew;
import io.howdah.internal.subscription.Hand;
import io.howdah.internal.subscription.TimeKeeper;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads that process messages. A message whose partition is busy waits
 * behind it, in order, without keeping a thread; so a slow partition stops
 * nobody else.
 */
final class Processors<T> implements Crew.Duty<Passage<T>> {

  /** What a thread does with a message. */
  interface Work<T> {
    void process(Passage<T> passage, Hand hand);
  }

  private final Work<T> work;
  private final Runnable idle;
  private final int count;
  private final Crew<Passage<T>> crew;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();

  // Guarded by lock.
  private final ArrayDeque<Passage<T>> ready = new ArrayDeque<>();
  /** Partitions that have a message in {@code ready} or at work, and what waits behind it. */
  private final Map<Object, ArrayDeque<Passage<T>>> partitions = new HashMap<>();
  private int running;
  private boolean stopped;

  /** Runs {@code idle} whenever a thread has nothing more to do. */
  Processors(String name, int count, Work<T> work, TimeKeeper keeper, Runnable idle) {
    this.work = work;
    this.count = count;
    this.idle = idle;
    this.crew = new Crew<>("processor-" + name, this, keeper);
    crew.start(count);
  }

  void add(List<Passage<T>> passages) {
    lock.lock();
    try {
      passages.forEach(this::add);
    } finally {
      lock.unlock();
    }
    sweep(); // they may have been given up meanwhile
  }

  private void add(Passage<T> passage) {
    Object partition = passage.partition();
    if (partition != null) {
      ArrayDeque<Passage<T>> behind = partitions.get(partition);
      if (behind != null) {
        behind.addLast(passage);
        return;
      }
      partitions.put(partition, new ArrayDeque<>());
    }
    ready.addLast(passage);
    added.signal();
  }

  @Override
  public @Nullable Passage<T> take() {
    lock.lock();
    try {
      while (!stopped || !ready.isEmpty()) {
        Passage<T> first = ready.pollFirst();
        if (first != null) {
          running++;
          return first;
        }
        added.awaitUninterruptibly();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void handle(Passage<T> passage, Hand hand) {
    work.process(passage, hand);
  }

  @Override
  public void failed(Passage<T> passage) {
    passage.leave();
  }

  @Override
  public void over(Passage<T> passage) {
    boolean hungry;
    lock.lock();
    try {
      running--;
      leave(passage);
      hungry = ready.isEmpty();
    } finally {
      lock.unlock();
    }
    if (hungry) {
      idle.run();
    }
  }

  /** The next of its partition may be processed. */
  private void leave(Passage<T> passage) {
    Object partition = passage.partition();
    if (partition == null) {
      return;
    }
    Passage<T> next = partitions.getOrDefault(partition, new ArrayDeque<>()).pollFirst();
    if (next == null) {
      partitions.remove(partition);
    } else {
      ready.addLast(next);
      added.signal();
    }
  }

  /** Hands back what may not be begun any more. */
  void sweep() {
    List<Passage<T>> abandoned = new ArrayList<>();
    lock.lock();
    try {
      for (ArrayDeque<Passage<T>> behind : partitions.values()) {
        behind.removeIf(passage -> passage.isAbandoned() && abandoned.add(passage));
      }
      List<Passage<T>> heads = ready.stream().filter(Passage::isAbandoned).toList();
      ready.removeAll(heads);
      heads.forEach(this::leave);
      abandoned.addAll(heads);
    } finally {
      lock.unlock();
    }
    abandoned.forEach(Passage::release);
  }

  /** Whether nothing is processed, and nothing waits for it. */
  boolean areIdle() {
    lock.lock();
    try {
      return running == 0 && ready.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Threads that have nothing to do, and will not have. */
  int hungry() {
    lock.lock();
    try {
      return count - running - ready.size();
    } finally {
      lock.unlock();
    }
  }

  /** Threads end when nothing is left. */
  void stop() {
    lock.lock();
    stopped = true;
    added.signalAll();
    lock.unlock();
  }

  void interrupt() {
    crew.interrupt();
  }
}
