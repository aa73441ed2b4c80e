package io.howdah.internal.subscription;

import java.util.BitSet;

/** What is told about a slice at one time, and the indexes that it covers. */
record Part(Settlement settlement, BitSet covered) {

  /** Whether nothing is left of the slice after it. */
  boolean closes() {
    return !settlement.rest().equals("open");
  }
}
