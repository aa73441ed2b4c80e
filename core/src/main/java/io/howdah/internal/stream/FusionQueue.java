package io.howdah.internal.stream;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.PublisherOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for a lane. Messages with a key go to the lane of that key, so
 * that two of one key can never overtake one another on different connections;
 * all others go to whichever lane is free first.
 */
final class FusionQueue {

  private static final int MOST_BYTES = 4 << 20;
  private static final long NONE = Long.MAX_VALUE;

  private final PublisherOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition work = lock.newCondition();
  private final Condition progress = lock.newCondition();

  // Guarded by lock.
  private final ArrayDeque<Pending> keyless = new ArrayDeque<>();
  private final List<ArrayDeque<Pending>> keyed = new ArrayList<>();
  private final long[] oldestInFlight;
  private long accepted;
  private long flushUpTo;
  private int count;
  private long bytes;
  private boolean closed;

  FusionQueue(PublisherOptions options) {
    this.options = options;
    this.oldestInFlight = new long[options.lanes()];
    Arrays.fill(oldestInFlight, NONE);
    for (int lane = 0; lane < options.lanes(); lane++) {
      keyed.add(new ArrayDeque<>());
    }
  }

  /**
   * Waits for room, at most the time-out. A message larger than all the room
   * there is goes when nothing else waits.
   */
  CompletableFuture<UUID> put(Encoded message) {
    int size = message.bytes();
    lock.lock();
    try {
      awaitRoom(size);
      CompletableFuture<UUID> future = new CompletableFuture<>();
      Pending pending = new Pending(++accepted, System.nanoTime(), message, size, future);
      count++;
      bytes += size;
      String key = message.key();
      if (key == null) {
        keyless.addLast(pending);
        work.signal();
      } else {
        keyed.get(Math.floorMod(key.hashCode(), keyed.size())).addLast(pending);
        work.signalAll();
      }
      return future;
    } finally {
      lock.unlock();
    }
  }

  private void awaitRoom(int size) {
    long left = options.timeout().toNanos();
    while (!closed && count > 0 && (count >= options.maxPending() || bytes + size > options.maxPendingBytes())) {
      if (left <= 0) {
        throw new HowdahException(ErrorCode.TIMEOUT, "the publisher had no room for " + options.timeout() + ": " + count
            + " messages, " + bytes + " bytes are waiting for the database; nothing was published");
      }
      left = await(room, left);
    }
    if (closed) {
      throw new HowdahException(ErrorCode.CLOSED, "this publisher is closed; nothing was published");
    }
  }

  @SuppressWarnings("WaitNotInLoop") // both callers loop
  private static long await(Condition condition, long nanos) {
    try {
      return condition.awaitNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HowdahException(ErrorCode.TIMEOUT, "interrupted while waiting for the publisher", e);
    }
  }

  /**
   * All that waits for this lane, up to the limits of one statement; empty when
   * closed and nothing is left.
   */
  List<Pending> take(int lane) throws InterruptedException {
    List<Pending> batch = new ArrayList<>();
    lock.lock();
    try {
      ArrayDeque<Pending> own = keyed.get(lane);
      for (long wait = untilDeparture(own); wait > 0 && !closed; wait = untilDeparture(own)) {
        work.awaitNanos(wait);
      }
      int size = drain(own, batch, 0);
      drain(keyless, batch, size);
      oldestInFlight[lane] = batch.stream().mapToLong(Pending::number).min().orElse(NONE);
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** Nanoseconds until the lane has to send something; a long time while nothing waits for it. */
  private long untilDeparture(ArrayDeque<Pending> own) {
    Pending first = own.peekFirst();
    Pending other = keyless.peekFirst();
    if (first == null || other != null && other.number() < first.number()) {
      first = other;
    }
    if (first == null) {
      return NONE;
    }
    if (first.number() <= flushUpTo || own.size() + keyless.size() >= options.maxBatchSize()
        || count >= options.maxPending() || bytes >= options.maxPendingBytes() / 2) {
      return 0;
    }
    return first.acceptedAt() + options.flushInterval().toNanos() - System.nanoTime();
  }

  private int drain(ArrayDeque<Pending> from, List<Pending> batch, int alreadyBytes) {
    int size = alreadyBytes;
    while (batch.size() < options.maxBatchSize()) {
      Pending next = from.peekFirst();
      if (next == null || !batch.isEmpty() && size + next.bytes() > MOST_BYTES) {
        break;
      }
      batch.add(from.removeFirst());
      size += next.bytes();
    }
    return size;
  }

  /** The lane's batch has ended, one way or the other. */
  void ended(int lane, List<Pending> batch) {
    lock.lock();
    try {
      oldestInFlight[lane] = NONE;
      count -= batch.size();
      for (Pending pending : batch) {
        bytes -= pending.bytes();
      }
      room.signalAll();
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all that was accepted before this call has ended. */
  void flush() {
    lock.lock();
    try {
      long upTo = accepted;
      flushUpTo = upTo;
      work.signalAll();
      long left = options.timeout().toNanos();
      while (oldest() <= upTo) {
        if (left <= 0) {
          throw new HowdahException(ErrorCode.TIMEOUT,
              "flush took longer than " + options.timeout() + "; " + count + " messages are still on their way");
        }
        left = await(progress, left);
      }
    } finally {
      lock.unlock();
    }
  }

  private long oldest() {
    long oldest = head(keyless);
    for (int lane = 0; lane < oldestInFlight.length; lane++) {
      oldest = Math.min(oldest, Math.min(oldestInFlight[lane], head(keyed.get(lane))));
    }
    return oldest;
  }

  private static long head(ArrayDeque<Pending> queue) {
    Pending first = queue.peekFirst();
    return first == null ? NONE : first.number();
  }

  int pending() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** No more messages; lanes end when nothing is left. */
  void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes out all that no lane has taken. */
  List<Pending> abandon() {
    lock.lock();
    try {
      List<Pending> left = new ArrayList<>(keyless);
      keyless.clear();
      for (ArrayDeque<Pending> queue : keyed) {
        left.addAll(queue);
        queue.clear();
      }
      count -= left.size();
      return left;
    } finally {
      lock.unlock();
    }
  }
}
