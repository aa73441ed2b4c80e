package io.howdah.internal.subscription;

import io.howdah.internal.wakeup.Signal;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that call the handler, as many as may run at a time. They share
 * the messages of the slices that are offered, in order; a hand comes back for
 * another slice only when nothing of this one is left to start.
 */
final class Hands<T> {

  private static final Logger LOG = LoggerFactory.getLogger(Hands.class);

  private final Call<T> call;
  private final Signal signal;
  private final TimeKeeper keeper;
  private final String name;
  private final int count;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition offered = lock.newCondition();
  private volatile boolean interrupted;

  // Guarded by lock.
  private final ArrayDeque<Slice<T>> slices = new ArrayDeque<>();
  private final Set<Hand> hands = new HashSet<>();
  private int started;
  private int waiting;
  private int busy;
  private boolean stopped;

  Hands(String name, int count, Call<T> call, Signal signal, TimeKeeper keeper) {
    this.name = name;
    this.count = count;
    this.call = call;
    this.signal = signal;
    this.keeper = keeper;
    for (int i = 0; i < count; i++) {
      start();
    }
  }

  private void start() {
    lock.lock();
    int number = started++;
    lock.unlock();
    Thread.ofVirtual().name("howdah-handler-" + name + "-" + number).start(this::run);
  }

  /** A hand is lost to a handler that never ends: another one takes its place. */
  private void replace() {
    lock.lock();
    busy--;
    lock.unlock();
    LOG.warn("a handler of {} did not end when its time was over; it is left alone and another thread works on", name);
    start();
    signal.raise();
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

  private void run() {
    Hand hand = new Hand(keeper, this::replace);
    add(hand);
    for (Slice<T> slice = take(); slice != null; slice = take()) {
      call.on(slice, hand);
      if (hand.isReplaced()) {
        break;
      }
      if (!interrupted) {
        Thread.interrupted(); // a handler that has interrupted itself must not do so to the next one
      }
      putDown();
      signal.raise(); // it is answered, or at least all of it is started: the loop may want more
    }
    remove(hand);
  }

  private void add(Hand hand) {
    lock.lock();
    hands.add(hand);
    lock.unlock();
  }

  private void remove(Hand hand) {
    keeper.forget(hand);
    lock.lock();
    hands.remove(hand);
    lock.unlock();
  }

  private void putDown() {
    lock.lock();
    busy--;
    lock.unlock();
  }

  private @Nullable Slice<T> take() {
    lock.lock();
    try {
      while (!stopped) {
        Slice<T> first = slices.peekFirst();
        if (first == null) {
          waiting++;
          offered.awaitUninterruptibly();
          waiting--;
        } else if (first.unstarted() == 0) {
          slices.removeFirst();
        } else {
          busy++;
          return first;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
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
    interrupted = true;
    List<Hand> running;
    lock.lock();
    try {
      running = List.copyOf(hands);
    } finally {
      lock.unlock();
    }
    call.interrupt();
    running.forEach(hand -> Thread.ofVirtual().name("howdah-stop").start(hand::stop));
  }
}
