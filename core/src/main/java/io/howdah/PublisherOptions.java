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
 *          how long publish may block, and how long flush and close may take, 1
 *          ms to 1 h; default 30 s
 * @param maxBatchSize
 *          most messages of a statement, 1 to 8,192; default 1,000
 * @param flushInterval
 *          how long a message may wait for others to leave with it, up to 1 min;
 *          default zero: it leaves as soon as a lane is free
 * @param retryFor
 *          how long a statement is sent again while the database is away, up to
 *          50 min; nothing is stored twice. Default zero: the futures fail at
 *          once, and their outcome may be unknown. It costs one row a statement,
 *          which the database forgets after an hour
 */
public record PublisherOptions(int lanes, int maxPending, long maxPendingBytes, Duration timeout, int maxBatchSize,
    Duration flushInterval, Duration retryFor) {

  private static final PublisherOptions DEFAULTS = new PublisherOptions(2, 20_000, 64L << 20, Duration.ofSeconds(30),
      1_000, Duration.ZERO, Duration.ZERO);

  public PublisherOptions {
    Limits.between("lanes", lanes, 1, 64);
    Limits.between("maxPending", maxPending, 1, 10_000_000);
    if (maxPendingBytes < 1 << 20) {
      throw Limits.invalid("maxPendingBytes must be at least 1 MiB but was " + maxPendingBytes);
    }
    Limits.between("timeout", timeout, Duration.ofMillis(1), Duration.ofHours(1));
    Limits.between("maxBatchSize", maxBatchSize, 1, 8_192);
    Limits.between("flushInterval", flushInterval, Duration.ZERO, Duration.ofMinutes(1));
    Limits.between("retryFor", retryFor, Duration.ZERO, Duration.ofMinutes(50));
  }

  public static PublisherOptions defaults() {
    return DEFAULTS;
  }

  public PublisherOptions withLanes(int newLanes) {
    return new PublisherOptions(newLanes, maxPending, maxPendingBytes, timeout, maxBatchSize, flushInterval, retryFor);
  }

  public PublisherOptions withMaxPending(int newMaxPending) {
    return new PublisherOptions(lanes, newMaxPending, maxPendingBytes, timeout, maxBatchSize, flushInterval, retryFor);
  }

  public PublisherOptions withMaxPendingBytes(long newMaxPendingBytes) {
    return new PublisherOptions(lanes, maxPending, newMaxPendingBytes, timeout, maxBatchSize, flushInterval, retryFor);
  }

  public PublisherOptions withTimeout(Duration newTimeout) {
    return new PublisherOptions(lanes, maxPending, maxPendingBytes, newTimeout, maxBatchSize, flushInterval, retryFor);
  }

  public PublisherOptions withMaxBatchSize(int newMaxBatchSize) {
    return new PublisherOptions(lanes, maxPending, maxPendingBytes, timeout, newMaxBatchSize, flushInterval, retryFor);
  }

  public PublisherOptions withFlushInterval(Duration newFlushInterval) {
    return new PublisherOptions(lanes, maxPending, maxPendingBytes, timeout, maxBatchSize, newFlushInterval, retryFor);
  }

  public PublisherOptions withRetryFor(Duration newRetryFor) {
    return new PublisherOptions(lanes, maxPending, maxPendingBytes, timeout, maxBatchSize, flushInterval, newRetryFor);
  }
}
