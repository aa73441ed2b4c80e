package io.howdah.engine.client;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A bounded wait for something that another thread or the database does. */
public final class Eventually {

  private static final Duration MOST = Duration.ofSeconds(20);

  private Eventually() {
  }

  public static void is(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + MOST.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("after " + MOST + " it is still not so that " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }
}
