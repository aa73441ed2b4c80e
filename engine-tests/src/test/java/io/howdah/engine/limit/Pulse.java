package io.howdah.engine.limit;

import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * How long machine and database stood still: publishes, claims and settles a message of a queue of its own every 20 ms, and
 * adds up what that takes longer than a little. On a machine that has nothing else to do that is nothing; where this waits for
 * a processor or for the disk, consumers do so too, and nobody can use a rate meanwhile.
 */
final class Pulse implements AutoCloseable {
  private static final long APART = Duration.ofMillis(20).toNanos();
  private static final long USUAL = Duration.ofMillis(10).toNanos();

  private final Session session;
  private final AtomicLong stalled = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;

  private Pulse(Session session) {
    this.session = session;
    this.thread = Thread.ofPlatform().name("pulse").unstarted(this::beat);
  }

  static Pulse start(TestDatabase database) {
    Pulse pulse = new Pulse(database.session("pulse"));
    pulse.session.execute("select howdah.create_queue('pulse', '{\"key_concurrency\": 1}')");
    pulse.thread.start();
    return pulse;
  }

  /** Microseconds since the start; what is measured must be longer than a beat. */
  long stalledMicros() {
    return stalled.get() / 1_000;
  }

  private void beat() {
    while (!closed) {
      long start = System.nanoTime();
      LockSupport.parkNanos(APART);
      session.execute("select howdah.publish('pulse', '1', key => 'k')");
      session.execute("select howdah.settle(c.token) from howdah.claim('pulse') c");
      stalled.addAndGet(Math.max(0, System.nanoTime() - start - APART - USUAL));
    }
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.join();
    session.close();
  }
}
