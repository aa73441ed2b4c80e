package io.howdah.engine.histories;

import java.time.Duration;
import java.util.List;

/** Tells twice a minute how far a long run is: what gets slower with size is seen there. */
final class Progress {
  private static final long BETWEEN = Duration.ofSeconds(30).toNanos();
  private final int messages;
  private final long begun = System.nanoTime();
  private long told = begun;

  Progress(int messages) {
    this.messages = messages;
  }

  void tell(int left, List<Integer> events) {
    long now = System.nanoTime();
    if (now - told >= BETWEEN) {
      told = now;
      System.out.printf("after %d s %d of %d messages are published, events %s%n", (now - begun) / 1_000_000_000,
          messages - left, messages, events);
    }
  }
}
