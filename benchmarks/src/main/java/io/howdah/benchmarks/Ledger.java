package io.howdah.benchmarks;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * What one group of consumers has received: every message is marked by publisher and number, so that what is missing,
 * came twice or came out of order is known exactly. Safe for several threads.
 */
final class Ledger {

  /** Which order is promised. */
  enum Order {
    /** None. */
    NONE,
    /** Messages of one publisher come in its order within each batch. */
    WITHIN_BATCH,
    /** Messages of one publisher come in its order. */
    ACROSS_BATCHES
  }

  private final Order order;
  private final AtomicLong received = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private final List<BitSet> seen = new ArrayList<>();
  private final List<Long> newest = new ArrayList<>();
  private final Histogram all = new Histogram();
  private final Histogram early = new Histogram();
  private final Histogram late = new Histogram();
  private long earlyUntil = Long.MIN_VALUE;
  private long lateFrom = Long.MAX_VALUE;
  private long duplicates;
  private long unexplained;
  private long reordered;
  private long damaged;

  Ledger(Order order) {
    this.order = order;
  }

  /** Whether an order is promised and checked. */
  boolean ordered() {
    return order != Order.NONE;
  }

  /** Messages sent before the one and after the other moment are also counted apart. */
  void split(long newEarlyUntil, long newLateFrom) {
    lock.lock();
    earlyUntil = newEarlyUntil;
    lateFrom = newLateFrom;
    lock.unlock();
  }

  /** A consumer has received these, in this order. */
  <M> void receive(List<M> messages, Function<M, String> payload, ToIntFunction<M> attempt) {
    long now = System.nanoTime();
    lock.lock();
    try {
      if (order == Order.WITHIN_BATCH) {
        newest.replaceAll(number -> -1L);
      }
      for (M message : messages) {
        mark(payload.apply(message), attempt.applyAsInt(message) == 1, now);
      }
    } finally {
      lock.unlock();
    }
    received.addAndGet(messages.size());
  }

  private void mark(String payload, boolean first, long now) {
    if (!Stamp.isWhole(payload)) {
      damaged++;
      return;
    }
    int publisher = Stamp.publisher(payload);
    while (seen.size() <= publisher) {
      seen.add(new BitSet());
      newest.add(-1L);
    }
    int number = (int) Stamp.number(payload);
    BitSet marks = seen.get(publisher);
    if (marks.get(number)) {
      duplicates++;
      unexplained += first ? 1 : 0;
      return;
    }
    marks.set(number);
    if (first && order != Order.NONE) {
      if (newest.get(publisher) > number) {
        reordered++;
      }
      newest.set(publisher, (long) number);
    }
    time(Stamp.at(payload), now);
  }

  private void time(long at, long now) {
    all.record(now - at);
    if (at < earlyUntil) {
      early.record(now - at);
    } else if (at >= lateFrom) {
      late.record(now - at);
    }
  }

  /** How many deliveries there were, duplicates included. */
  long received() {
    return received.get();
  }

  /** What was found so far. */
  Findings findings(List<Long> published) {
    lock.lock();
    try {
      long lost = 0;
      for (int publisher = 0; publisher < published.size(); publisher++) {
        long expected = published.get(publisher);
        lost += expected - (publisher < seen.size() ? seen.get(publisher).get(0, (int) expected).cardinality() : 0);
      }
      return new Findings(lost, duplicates, unexplained, reordered, damaged);
    } finally {
      lock.unlock();
    }
  }

  /** Read it when all consumers have ended. */
  Histogram latency() {
    return all;
  }

  Histogram earlyLatency() {
    return early;
  }

  Histogram lateLatency() {
    return late;
  }

  /**
   * What was found.
   *
   * @param unexplained
   *          duplicates that were delivered as a first attempt
   * @param damaged
   *          messages that came back with another content
   */
  record Findings(long lost, long duplicates, long unexplained, long reordered, long damaged) {

    static final Findings NONE = new Findings(0, 0, 0, 0, 0);

    Findings plus(Findings other) {
      return new Findings(lost + other.lost, duplicates + other.duplicates, unexplained + other.unexplained,
          reordered + other.reordered, damaged + other.damaged);
    }

    boolean isClean() {
      return lost == 0 && unexplained == 0 && reordered == 0 && damaged == 0;
    }
  }
}
