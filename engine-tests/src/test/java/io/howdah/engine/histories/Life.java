package io.howdah.engine.histories;

import io.howdah.testkit.History;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one worker is handed, and how it answers, until it dies. No lease runs out while it lives. Safe for many threads.
 */
final class Life {
  private final Watched watched;
  private final String name;
  private final Trust trust;
  private final ReentrantLock lock = new ReentrantLock();
  /** These are guarded by the lock. */
  private final Set<String> inFlight = new HashSet<>();
  private int deliveries;
  private boolean over;

  /** What its answers are good for. */
  enum Trust {
    /** What it answers is what becomes of the message, whatever happens to its connections. */
    SURE,
    /** Nobody knows: it may die before it can say so, its time may be over, its transaction may be lost. */
    UNSURE,
    /** Nor whether it is still the only one that has the message: it may have been given up as too slow. */
    NONE
  }

  Life(Watched watched, String name, Trust trust) {
    this.watched = watched;
    this.name = name;
    this.trust = trust;
  }

  Watched watched() {
    return watched;
  }

  /** A message comes; returns the token of the delivery, or null when the worker is dead, and then nothing is noted. */
  @Nullable
  String begin(String message, int attempt) {
    lock.lock();
    try {
      if (over) {
        return null;
      }
      String token = name + "/" + ++deliveries;
      inFlight.add(token);
      watched.history().record(new History.Delivered(message, watched.subscription(), 0, token, attempt));
      if (trust == Trust.NONE) {
        watched.history().voided(token);
      }
      return token;
    } finally {
      lock.unlock();
    }
  }

  /** The handler is about to answer. */
  void end(String message, String token, String outcome) {
    lock.lock();
    try {
      inFlight.remove(token);
      watched.history().settling(token);
      if (trust == Trust.SURE && !over) {
        watched.history().settled(message, watched.subscription(), token, outcome);
      } else {
        watched.history().unsettled(message, watched.subscription(), token);
      }
    } finally {
      lock.unlock();
    }
  }

  /** It is about to die: what it has is void. */
  void die() {
    lock.lock();
    try {
      over = true;
      inFlight.forEach(watched.history()::voided);
      inFlight.clear();
    } finally {
      lock.unlock();
    }
  }

  int deliveries() {
    lock.lock();
    try {
      return deliveries;
    } finally {
      lock.unlock();
    }
  }
}
