package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.Ordering;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one lane are started one after the other, each when the one before
 * it is answered; those of other lanes at the same time. A lane is a key, or all
 * messages if the order is strict.
 */
final class LaneTurns implements Turns {

  private final int size;
  private final int[] behind;
  private final ReentrantLock lock = new ReentrantLock();

  private volatile long startedAt = System.nanoTime();

  // Guarded by lock.
  private final BitSet unstarted = new BitSet();
  private final BitSet ready = new BitSet();

  LaneTurns(List<? extends Delivery<?>> deliveries, Ordering.Order order) {
    this.size = deliveries.size();
    this.behind = new int[size];
    Arrays.fill(behind, NONE);
    unstarted.set(0, size);
    ready.set(0, size);
    Map<String, Integer> last = new HashMap<>();
    for (int i = 0; i < size; i++) {
      String lane = lane(deliveries.get(i), order);
      Integer before = lane == null ? null : last.put(lane, i);
      if (before != null) {
        behind[before] = i;
        ready.clear(i);
      }
    }
  }

  /** What it must not overtake others of; null: nothing. */
  static @Nullable String lane(Delivery<?> delivery, Ordering.Order order) {
    return switch (order) {
      case NONE -> null;
      case STRICT -> "";
      case KEY, JOB -> delivery.key();
    };
  }

  /** What a slice of this subscription has. */
  static Turns of(List<? extends Delivery<?>> deliveries, Ordering ordering) {
    return ordering.isOrdered() ? new LaneTurns(deliveries, ordering.order()) : new FreeTurns(deliveries.size());
  }

  private int locked(IntSupplier work) {
    lock.lock();
    try {
      return work.getAsInt();
    } finally {
      lock.unlock();
    }
  }

  private int begin(BitSet from) {
    int index = from.nextSetBit(0);
    if (index >= 0) {
      unstarted.clear(index);
      ready.clear(index);
      startedAt = System.nanoTime();
    }
    return index;
  }

  @Override
  public int start() {
    return locked(() -> begin(ready));
  }

  @Override
  public int startNext() {
    return locked(() -> begin(unstarted));
  }

  @Override
  public long startedAt() {
    return startedAt;
  }

  @Override
  public boolean startAll() {
    startedAt = System.nanoTime();
    lock.lock();
    try {
      boolean untouched = unstarted.cardinality() == size;
      if (untouched) {
        unstarted.clear();
        ready.clear();
      }
      return untouched;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int unstarted() {
    return locked(unstarted::cardinality);
  }

  @Override
  public int startable() {
    return locked(ready::cardinality);
  }

  @Override
  public int[] startRest() {
    lock.lock();
    try {
      int[] rest = unstarted.stream().toArray();
      unstarted.clear();
      ready.clear();
      return rest;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int[] startWaiting() {
    lock.lock();
    try {
      unstarted.andNot(ready);
      int[] waiting = unstarted.stream().toArray();
      unstarted.clear();
      unstarted.or(ready);
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int behind(int index) {
    return behind[index];
  }

  @Override
  public void answered(int index) {
    int next = behind[index];
    if (next == NONE) {
      return;
    }
    lock.lock();
    ready.set(next, unstarted.get(next));
    lock.unlock();
  }

  @Override
  public void skip(int index) {
    lock.lock();
    unstarted.clear(index);
    ready.clear(index);
    lock.unlock();
  }
}
