package io.howdah.internal.stream;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Ids of batches: UUIDs of version 7, whose first 27 digits are new each time. */
final class BatchId {

  private BatchId() {
  }

  /** The id that the database gives to a message of a batch: its first 27 digits, and the ordinal from 0 to 8,191. */
  static UUID message(UUID batch, int ordinal) {
    return new UUID(batch.getMostSignificantBits(), batch.getLeastSignificantBits() & -1L << 20 | 0x10000 + ordinal);
  }

  static UUID next() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long high = System.currentTimeMillis() << 16 | 0x7000 | random.nextLong(0x1000);
    long low = 0x8000_0000_0000_0000L | random.nextLong(1L << 42) << 20;
    return new UUID(high, low);
  }
}
