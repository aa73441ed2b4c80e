package io.howdah.engine.faults;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another process or server does and nobody announces: it looks again every few milliseconds, with a bound. */
public final class Patience {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  private Patience() {
  }

  /** Returns when the condition holds; an AssertionError that says what was awaited if it does not within 30 s. */
  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("this did not happen within " + BOUND + ": " + what);
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }
}
