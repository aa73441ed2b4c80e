package io.howdah.internal.subscription;

import io.howdah.Outcome;
import io.howdah.Outcome.Done;
import io.howdah.Outcome.Release;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What is told about a slice at one time, and the indexes that it covers. */
record Part(Settlement settlement, BitSet covered) {

  /**
   * The answers to messages of a slice.
   *
   * @param open
   *          the indexes that are not settled
   * @param last
   *          whether all of these are answered: what is done needs no name then, unless something before it in its order
   *          goes back, for what is not named goes back with that
   */
  static Part of(Slice<?> slice, BitSet open, boolean last) {
    boolean names = !last || slice.isOrdered() && open.stream().anyMatch(i -> goesBack(slice, i));
    List<Settlement.Item> items = new ArrayList<>();
    BitSet covered = new BitSet(slice.size());
    int done = 0;
    for (int i = open.nextSetBit(0); i >= 0; i = open.nextSetBit(i + 1)) {
      Outcome outcome = slice.outcome(i);
      if (outcome != null) {
        covered.set(i);
        if (!names && outcome instanceof Done) {
          done++;
        } else {
          items.add(new Settlement.Item(slice.deliveries().get(i).position(), outcome));
        }
      }
    }
    if (last && done == 0 && items.stream().allMatch(item -> item.outcome() instanceof Release)) {
      return new Part(new Settlement(slice.token(), List.of(), "release"), covered);
    }
    return new Part(new Settlement(slice.token(), items, last ? "done" : "open"), covered);
  }

  private static boolean goesBack(Slice<?> slice, int index) {
    Outcome outcome = slice.outcome(index);
    return outcome != null && slice.stops(outcome);
  }

  /** Whether nothing is left of the slice after it. */
  boolean closes() {
    return !settlement.rest().equals("open");
  }
}
