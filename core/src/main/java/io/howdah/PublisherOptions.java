package io.howdah;

import java.time.Duration;

/**
 * How a publisher fuses single publishes.
 *
 * @param lanes
 *          statements in flight at a time, each on a connection of its own, 1
 *          to 64; default 2. Messages of one key always take the same lane and
 *          keep their order
 * @param maxPending
 *          messages that may wait or be in flight, 1 to 10 million; default
 *          20,000. When there are as many, publish blocks
 * @param maxPendingBytes
 *          the same in bytes of payload, key and headers, at least 1 MiB;
 *          default 64 MiB
 * @param timeout
 *          how long publish may block, and how long close may flush, 1 ms to 1
 *          h; default 30 s
 */
public record PublisherOptions(int lanes, int maxPending, long maxPendingBytes, Duration timeout) {

  private static final PublisherOptions DEFAULTS = new PublisherOptions(2, 20_000, 64L << 20, Duration.ofSeconds(30));

  public PublisherOptions {
    Limits.between("lanes", lanes, 1, 64);
    Limits.between("maxPending", maxPending, 1, 10_000_000);
    if (maxPendingBytes < 1 << 20) {
      throw Limits.invalid("maxPendingBytes must be at least 1 MiB but was " + maxPendingBytes);
    }
    Limits.between("timeout", timeout, Duration.ofMillis(1), Duration.ofHours(1));
  }

  public static PublisherOptions defaults() {
    return DEFAULTS;
  }

  public PublisherOptions withLanes(int newLanes) {
    return new PublisherOptions(newLanes, maxPending, maxPendingBytes, timeout);
  }

  public PublisherOptions withMaxPending(int newMaxPending) {
    return new PublisherOptions(lanes, newMaxPending, maxPendingBytes, timeout);
  }

  public PublisherOptions withMaxPendingBytes(long newMaxPendingBytes) {
    return new PublisherOptions(lanes, maxPending, newMaxPendingBytes, timeout);
  }

  public PublisherOptions withTimeout(Duration newTimeout) {
    return new PublisherOptions(lanes, maxPending, maxPendingBytes, newTimeout);
  }
}
