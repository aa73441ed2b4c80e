package io.howdah.engine.faults;

import io.howdah.testkit.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * What the publishers and consumers of one queue saw, in several threads and several processes. Each entry carries the time of the
 * machine's monotonic clock, which all processes share, so the history can be put together in the right order although the words of
 * another process arrive late. Safe for use by many threads.
 */
final class Evidence {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(20);

  private record Entry(long at, History.Event event) {
  }

  private final String queue;
  private final BiConsumer<Long, History.Event> witness;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  /** These are guarded by the lock. */
  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> acknowledged = new HashSet<>();
  private final Set<String> tokens = new HashSet<>();
  private final Set<String> ended = new HashSet<>();
  private int unknown;
  private Throwable surprise;

  Evidence(String queue) {
    this(queue, (at, event) -> {
      // nobody else wants to know
    });
  }

  /** Evidence that also tells a witness of every entry, before the one who recorded it goes on. */
  Evidence(String queue, BiConsumer<Long, History.Event> witness) {
    this.queue = queue;
    this.witness = witness;
  }

  String queue() {
    return queue;
  }

  void attempted(String message) {
    record(new History.Attempted(message, null));
  }

  void acknowledged(String message) {
    record(new History.Acknowledged(message));
  }

  /** The publisher was told that nothing was stored. */
  void refused(String message) {
    record(new History.RolledBack(message));
  }

  /** The publisher was told that nobody knows. */
  void unknown() {
    lock.lock();
    try {
      unknown++;
    } finally {
      lock.unlock();
    }
  }

  void delivered(String message, long position, String token) {
    record(new History.Delivered(message, queue, position, token));
  }

  void done(String message, String token) {
    record(new History.Settled(message, queue, token, "done"));
  }

  /** What the database says of a delivery to another process: it was settled as done. */
  void ended(OtherJvm.Received received) {
    record(received.at() + 1,
        new History.Settled(received.delivery().message(), queue, received.delivery().token(), "done"));
  }

  void voided(String token) {
    record(new History.Voided(token));
  }

  /** Something that must not happen ended a publisher or consumer. */
  void surprise(Throwable what) {
    lock.lock();
    try {
      if (surprise == null) {
        surprise = what;
      } else {
        surprise.addSuppressed(what);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void record(History.Event event) {
    record(System.nanoTime(), event);
  }

  /** Records what happened at another time, perhaps in another process. */
  void record(long at, History.Event event) {
    lock.lock();
    try {
      witness.accept(at, event);
      entries.add(new Entry(at, event));
      if (event instanceof History.Acknowledged e) {
        acknowledged.add(e.message());
      } else if (event instanceof History.Delivered e) {
        tokens.add(e.token());
      } else if (event instanceof History.Settled e) {
        ended.add(e.message());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int acknowledged() {
    return count(acknowledged);
  }

  int ended() {
    return count(ended);
  }

  /** How many publishes ended with an unknown outcome. */
  int unknowns() {
    lock.lock();
    try {
      return unknown;
    } finally {
      lock.unlock();
    }
  }

  /** How many messages were acknowledged and have not ended. */
  int backlog() {
    lock.lock();
    try {
      return acknowledged.size() - ended.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many deliveries went to a consumer. */
  long deliveriesTo(String name) {
    lock.lock();
    try {
      return tokens.stream().filter(token -> token.startsWith(name + "/")).count();
    } finally {
      lock.unlock();
    }
  }

  private int count(Set<String> set) {
    lock.lock();
    try {
      return set.size();
    } finally {
      lock.unlock();
    }
  }

  /** Returns once so many more messages have been acknowledged and so many more have ended. */
  void awaitProgress(int messages) {
    int published = acknowledged() + messages;
    int consumed = ended() + messages;
    await(messages + " more messages", () -> acknowledged.size() >= published && ended.size() >= consumed);
  }

  /** Returns when the condition, looked at under the lock at each entry, holds; an AssertionError after 30 s. */
  void await(String what, BooleanSupplier condition) {
    lock.lock();
    try {
      long left = PATIENCE.toNanos();
      while (!condition.getAsBoolean()) {
        if (surprise != null) {
          throw new AssertionError("a publisher or consumer failed while this was awaited: " + what, surprise);
        }
        if (left <= 0) {
          throw new AssertionError("%s did not come within %s; acknowledged %d, deliveries %d, ended %d".formatted(what,
              PATIENCE, acknowledged.size(), tokens.size(), ended.size()));
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  /** Waits a moment, or less if something is recorded. */
  void rest() {
    lock.lock();
    try {
      int before = entries.size();
      long left = MOMENT.toNanos();
      while (left > 0 && entries.size() == before) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** All that happened, in the order of time. */
  History history() {
    lock.lock();
    try {
      if (surprise != null) {
        throw new AssertionError("a publisher or consumer failed", surprise);
      }
      History history = new History();
      entries.stream().sorted(Comparator.comparingLong(Entry::at)).forEach(entry -> history.record(entry.event()));
      return history;
    } finally {
      lock.unlock();
    }
  }
}
