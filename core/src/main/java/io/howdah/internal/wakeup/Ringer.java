package io.howdah.internal.wakeup;

import io.howdah.HowdahException;
import io.howdah.internal.jdbc.Connections;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rings in other processes, in the background, so that a publisher pays one
 * flag for it. Rings of one stream come at least 5 ms apart, and while nobody
 * sleeps ever less often, down to one a second: then there is nobody to hurry,
 * and who falls asleep looks by himself first.
 *
 * <p>
 * After a publish in a caller's transaction the commit is not seen here: the
 * bell is rung a few times at growing distances, in the hope that one comes
 * soon after it.
 */
final class Ringer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Ringer.class);
  private static final long APART = Duration.ofMillis(5).toNanos();
  private static final long NOBODY_LEAST = Duration.ofMillis(20).toNanos();
  private static final long NOBODY_MOST = Duration.ofSeconds(1).toNanos();
  private static final long[] ECHOES = {2_000_000, 10_000_000, 50_000_000, 250_000_000};
  private static final long NEVER = Duration.ofMinutes(1).toNanos();

  /** A stream's bell rope. */
  private static final class Rope {
    final String stream;
    final AtomicBoolean pulled = new AtomicBoolean();
    /**
     * When somebody last published in a transaction of his own, 0: not since the
     * last echo.
     */
    final AtomicLong maybe = new AtomicLong();

    // Owned by the ringer's thread.
    long notBefore = System.nanoTime();
    long nobody = NOBODY_LEAST;
    long echoBase;
    int echo = ECHOES.length;

    Rope(String stream) {
      this.stream = stream;
    }
  }

  private final Connections connections;
  private final Consumer<String> ringHere;
  private final boolean remote;
  private final Map<String, Rope> ropes = new ConcurrentHashMap<>();
  private final Set<Integer> ownBackends = ConcurrentHashMap.newKeySet();
  private final Signal signal = new Signal();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile boolean closed;
  private volatile @Nullable Thread thread;

  Ringer(Connections connections, Consumer<String> ringHere, boolean remote) {
    this.connections = connections;
    this.ringHere = ringHere;
    this.remote = remote;
  }

  void committed(String stream) {
    if (!remote) {
      return;
    }
    Rope rope = rope(stream);
    if (!rope.pulled.get() && rope.pulled.compareAndSet(false, true)) {
      wake();
    }
  }

  void maybeCommitted(String stream) {
    if (rope(stream).maybe.getAndSet(System.nanoTime() | 1) == 0) {
      wake();
    }
  }

  boolean isOwn(int backend) {
    return ownBackends.contains(backend);
  }

  private Rope rope(String stream) {
    Rope rope = ropes.get(stream);
    return rope != null ? rope : ropes.computeIfAbsent(stream, Rope::new);
  }

  private void wake() {
    if (!started.get() && started.compareAndSet(false, true)) {
      thread = Thread.ofVirtual().name("howdah-ringer").start(this::run);
    }
    signal.raise();
  }

  private void run() {
    while (!closed) {
      long now = System.nanoTime();
      List<Rope> due = new ArrayList<>();
      long wait = NEVER;
      for (Rope rope : ropes.values()) {
        long echo = echo(rope, now);
        boolean pulled = rope.pulled.get();
        if (pulled && rope.notBefore - now <= 0) {
          due.add(rope);
        } else if (pulled) {
          wait = Math.min(wait, rope.notBefore - now);
        }
        wait = Math.min(wait, echo);
      }
      if (due.isEmpty()) {
        signal.await(wait);
      } else {
        ring(due);
      }
    }
    List<Rope> left = ropes.values().stream().filter(rope -> rope.pulled.get()).toList();
    if (!left.isEmpty()) {
      ring(left);
    }
  }

  /**
   * Echoes a publish whose commit is not seen, if it is time; returns how long
   * until the next echo.
   */
  private long echo(Rope rope, long now) {
    if (rope.echo == ECHOES.length) {
      long since = rope.maybe.getAndSet(0);
      if (since == 0) {
        return NEVER;
      }
      rope.echoBase = since;
      rope.echo = 0;
    }
    long due = rope.echoBase + ECHOES[rope.echo] - now;
    if (due > 0) {
      return due;
    }
    ringHere.accept(rope.stream);
    if (remote) {
      rope.pulled.set(true);
    }
    long newer = rope.maybe.getAndSet(0);
    rope.echo = newer == 0 ? rope.echo + 1 : 0;
    rope.echoBase = newer == 0 ? rope.echoBase : newer;
    return rope.echo == ECHOES.length ? NEVER : Math.max(1, rope.echoBase + ECHOES[rope.echo] - now);
  }

  private void ring(List<Rope> due) {
    due.forEach(rope -> rope.pulled.set(false)); // before ringing: who commits from here on pulls again
    boolean somebody = false;
    try {
      Collection<String> streams = due.stream().map(rope -> rope.stream).collect(Collectors.toList());
      somebody = connections.call(connection -> ring(connection, streams)) > 0;
    } catch (HowdahException e) {
      // Whoever sleeps polls, and publishers and workers tell of the outage
      // themselves.
      LOG.debug("the bell could not be rung: {}", e.getMessage());
    }
    long now = System.nanoTime();
    for (Rope rope : due) {
      rope.notBefore = now + (somebody ? APART : rope.nobody);
      rope.nobody = somebody ? NOBODY_LEAST : Math.min(NOBODY_MOST, rope.nobody * 2);
    }
  }

  private int ring(Connection connection, Collection<String> streams) throws SQLException {
    if (connection.isWrapperFor(PGConnection.class)) {
      if (ownBackends.size() > 100) {
        ownBackends.clear(); // an unknown backend costs one look too many, nothing else
      }
      ownBackends.add(connection.unwrap(PGConnection.class).getBackendPID());
    }
    return WakeupFunctions.ring(connection, streams);
  }

  @Override
  public void close() {
    closed = true;
    signal.raise();
    Thread running = thread;
    if (running != null) {
      try {
        running.join(Duration.ofSeconds(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
