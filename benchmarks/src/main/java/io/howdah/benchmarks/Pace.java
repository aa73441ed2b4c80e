package io.howdah.benchmarks;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** When a publisher may send its next batch. */
interface Pace {

  /** Returns when it may; may return early when the publisher is told to stop. */
  void await();

  /** At once. */
  static Pace unlimited() {
    return () -> {
    };
  }

  /** When fewer than {@code most} messages are unsettled. */
  static Pace closed(LongSupplier unsettled, int most, LongSupplier stopped) {
    return () -> {
      while (unsettled.getAsLong() >= most && stopped.getAsLong() == 0) {
        LockSupport.parkNanos(500_000);
      }
    };
  }

  /** At even distances; whoever is late sends at once, and is not late for the next because of that. */
  static Pace steady(long firstAt, long distance) {
    return new Pace() {
      private long next = firstAt;

      @Override
      public void await() {
        long wait = next - System.nanoTime();
        while (wait > 0) {
          LockSupport.parkNanos(wait);
          wait = next - System.nanoTime();
        }
        next += distance;
      }
    };
  }
}
