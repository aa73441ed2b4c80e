package io.howdah.benchmarks;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;

/** Where a workload runs: a database, what is asked for, and where to tell how it goes. */
record Stage(DataSource source, Server server, BenchOptions options, Housekeeping housekeeping, PrintStream err) {

  /** A queue, or a stream with its groups, of a name that nobody has used. */
  Peer peer(int groups) {
    String name = name();
    return options.bare() ? new BarePeer(source, name, groups) : new HowdahPeer(source, name, groups, options);
  }

  /** A queue whose messages have keys, and are handled in their order. */
  HowdahPeer keyedPeer() {
    return new HowdahPeer(source, name(), 1, options);
  }

  static String name() {
    return "bench_" + Long.toString(System.currentTimeMillis(), 36) + "_"
        + Long.toString(System.nanoTime() & 0xffffff, 36);
  }

  void tell(String message) {
    err.println("howdah bench: " + message);
  }

  static void sleepUntil(long nanoTime) {
    long wait = nanoTime - System.nanoTime();
    while (wait > 0) {
      LockSupport.parkNanos(wait);
      wait = nanoTime - System.nanoTime();
    }
  }

  static long seconds(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Looks again and again until it is so, or the time is over; returns whether it is so. */
  static boolean await(BooleanSupplier condition, long nanos) {
    long deadline = System.nanoTime() + nanos;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(2_000_000);
    }
    return true;
  }
}
