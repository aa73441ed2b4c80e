package io.howdah;

import java.time.Duration;

/**
 * How a publisher fuses single publishes. The defaults are {@linkplain Knob knobs}.
 *
 * @param lanes
 *          statements in flight at a time, each on a connection of its own, 1
 *          to 64; default 2. Messages of one key always take the same lane and
 *          keep their order
 * @param maxPending
 *          messages that may wait or be in flight, 1 to 10 million; default
 *          20,000. When there are as many, publish blocks
 * @param maxPendingBytes
 *          the same in bytes of payload, key and headers, 1 MiB to 1
 *          TiB; default 64 MiB
 * @param timeout
 *          how long publish may block, and how long flush and close may take, 1
 *          ms to 1 h; default 30 s
 * @param maxBatchSize
 *          most messages of a statement, 1 to 8,192; default 1,000
 * @param flushInterval
 *          how long a message waits for others to leave with it, up to 1 min;
 *          default zero: it leaves as soon as a lane is free, with all that has
 *          come meanwhile
 * @param retryFor
 *          how long a statement is sent again while the database is away, up to
 *          50 min; nothing is stored twice. Default 5 min. It costs one row a statement,
 *          which the database forgets after an hour. Zero: the futures fail at
 *          once, and their outcome may be unknown
 */
public record PublisherOptions(int lanes, int maxPending, long maxPendingBytes, Duration timeout, int maxBatchSize,
    Duration flushInterval, Duration retryFor) {

  public PublisherOptions {
    Knob.PUBLISHER_LANES.require("lanes", lanes);
    Knob.MAX_PENDING.require("maxPending", maxPending);
    Knob.MAX_PENDING_BYTES.require("maxPendingBytes", maxPendingBytes);
    Knob.PUBLISH_TIMEOUT.require("timeout", timeout);
    Knob.MAX_BATCH_SIZE.require("maxBatchSize", maxBatchSize);
    Knob.FLUSH_INTERVAL.require("flushInterval", flushInterval);
    Knob.RETRY_FOR.require("retryFor", retryFor);
  }

  public static PublisherOptions defaults() {
    return new PublisherOptions(Knob.PUBLISHER_LANES.count(), Knob.MAX_PENDING.count(), Knob.MAX_PENDING_BYTES.number(),
        Knob.PUBLISH_TIMEOUT.duration(), Knob.MAX_BATCH_SIZE.count(), Knob.FLUSH_INTERVAL.duration(),
        Knob.RETRY_FOR.duration());
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
