package io.howdah.internal.wakeup;

import io.howdah.internal.jdbc.Connections;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The sleeping marks that this process has left, one per subscription however
 * many of its workers sleep there. A mark stays while somebody naps now and
 * then, so that a nap costs no write; it is renewed twice in its time to live,
 * and taken away when the last worker of the subscription has become busy or
 * was closed.
 */
final class Marks {

  private static final Duration TTL = Duration.ofSeconds(60);
  private static final long RENEW_NANOS = TTL.toNanos() / 2;

  private static final class Mark {
    int holders;
    int id;
    long markedAt;
  }

  private final Connections connections;
  private final UUID process = UUID.randomUUID();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Mark> marks = new HashMap<>();

  Marks(Connections connections) {
    this.connections = connections;
  }

  /** Leaves a mark, committed when this returns; the subscription's id. */
  int take(String subscription) {
    lock.lock();
    try {
      Mark mark = marks.get(subscription);
      if (mark == null) {
        mark = new Mark();
        write(subscription, mark);
        marks.put(subscription, mark);
      }
      mark.holders++;
      return mark.id;
    } finally {
      lock.unlock();
    }
  }

  /** Writes the mark again if it is getting old. */
  void renew(String subscription) {
    lock.lock();
    try {
      Mark mark = marks.get(subscription);
      if (mark != null && System.nanoTime() - mark.markedAt > RENEW_NANOS) {
        write(subscription, mark);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The ids of the subscriptions that sleep. */
  List<Integer> ids() {
    lock.lock();
    try {
      return marks.values().stream().map(mark -> mark.id).toList();
    } finally {
      lock.unlock();
    }
  }

  private void write(String subscription, Mark mark) {
    mark.id = connections.call(c -> WakeupFunctions.mark(c, subscription, process, TTL));
    mark.markedAt = System.nanoTime();
  }

  /** One holder less; the last one takes the mark away. */
  void drop(String subscription) {
    lock.lock();
    try {
      Mark mark = marks.get(subscription);
      if (mark == null || --mark.holders > 0) {
        return;
      }
      marks.remove(subscription);
      connections.call(c -> WakeupFunctions.unmark(c, subscription, process));
    } finally {
      lock.unlock();
    }
  }
}
