package io.howdah.internal.subscription;

import io.howdah.internal.wakeup.Signal;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The threads that call the handler, as many as may run at a time. They share
 * the messages of the slices that are offered, in order; a hand comes back for
 * another slice only when nothing of this one is left to start.
 */
final class Hands<T> implements Crew.Duty<Slice<T>> {

  private final Call<T> call;
  private final Signal signal;
  private final int count;
  private final Crew<Slice<T>> crew;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition offered = lock.newCondition();

  // Guarded by lock.
  private final ArrayDeque<Slice<T>> slices = new ArrayDeque<>();
  private int waiting;
  private int busy;
  private boolean stopped;

  Hands(String name, int count, Call<T> call, Signal signal, TimeKeeper keeper) {
    this.count = count;
    this.call = call;
    this.signal = signal;
    this.crew = new Crew<>("handler-" + name, this, keeper);
    crew.start(count);
  }

  void offer(Slice<T> slice) {
    lock.lock();
    try {
      slices.addLast(slice);
      int wanted = call.feed() == Call.Feed.BY_CLAIM ? 1 : slice.size();
      for (int i = Math.min(wanted, waiting); i > 0; i--) {
        offered.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many have nothing to do, or have not begun yet. */
  int idle() {
    lock.lock();
    try {
      return count - busy;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable Slice<T> take() {
    lock.lock();
    try {
      while (!stopped) {
        Slice<T> slice = nextSlice();
        if (slice == null) {
          waiting++;
          offered.awaitUninterruptibly();
          waiting--;
        } else {
          busy++;
          return slice;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void handle(Slice<T> slice, Hand hand) {
    call.on(slice, hand);
  }

  @Override
  public void failed(Slice<T> slice) {
    IntStream.range(0, slice.size()).filter(i -> slice.outcome(i) == null).forEach(slice::leave);
  }

  /** It is answered, or at least all of it is started: the loop may want more. */
  @Override
  public void over(Slice<T> slice) {
    lock.lock();
    busy--;
    lock.unlock();
    signal.raise();
  }

  /**
   * Where all that is left waits for an answer, whoever gives it starts the next one itself.
   */
  private @Nullable Slice<T> nextSlice() {
    for (var all = slices.iterator(); all.hasNext();) {
      Slice<T> slice = all.next();
      if (slice.turns().startable() > 0) {
        return slice;
      } else if (slice.turns().unstarted() == 0) {
        all.remove();
      }
    }
    return null;
  }

  /**
   * Hands that wait end now; those at work end after this call of the handler.
   */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      offered.signalAll();
    } finally {
      lock.unlock();
    }
    call.stop();
  }

  /** Tells handlers that run to come to an end. */
  void interrupt() {
    crew.interrupt();
    call.interrupt();
  }
}
