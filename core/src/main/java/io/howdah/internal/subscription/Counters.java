package io.howdah.internal.subscription;

import io.howdah.Outcome;
import io.howdah.Outcome.Archived;
import io.howdah.Outcome.Done;
import io.howdah.Outcome.Reject;
import io.howdah.Outcome.Release;
import io.howdah.Outcome.Retry;
import io.howdah.WorkerStats;
import java.util.BitSet;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What a worker counts. */
final class Counters {

  final LongAdder done = new LongAdder();
  final LongAdder retried = new LongAdder();
  final LongAdder released = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder lapsed = new LongAdder();
  final LongAdder failures = new LongAdder();
  final LongAdder outages = new LongAdder();
  final LongAdder badBackoffs = new LongAdder();
  final LongAdder timeouts = new LongAdder();
  final LongAdder stuck = new LongAdder();
  final LongAdder archived = new LongAdder();

  /** What became of these messages of a slice: mostly all the same, so mostly one addition. */
  void settled(Slice<?> slice, BitSet indexes) {
    int doneNow = 0;
    int retriedNow = 0;
    int releasedNow = 0;
    int rejectedNow = 0;
    int archivedNow = 0;
    for (int i = indexes.nextSetBit(0); i >= 0; i = indexes.nextSetBit(i + 1)) {
      switch (Objects.requireNonNull(slice.outcome(i))) {
        case Done each -> doneNow++;
        case Retry each -> retriedNow++;
        case Release each -> releasedNow++;
        case Reject each -> rejectedNow++;
        case Archived each -> archivedNow++;
      }
    }
    add(done, doneNow);
    add(retried, retriedNow);
    add(released, releasedNow);
    add(rejected, rejectedNow);
    add(archived, archivedNow);
  }

  void settled(Outcome outcome) {
    switch (outcome) {
      case Done each -> done.increment();
      case Retry each -> retried.increment();
      case Release each -> released.increment();
      case Reject each -> rejected.increment();
      case Archived each -> archived.increment();
    }
  }

  private static void add(LongAdder counter, int more) {
    if (more > 0) {
      counter.add(more);
    }
  }

  WorkerStats stats() {
    return new WorkerStats(done.sum(), retried.sum(), released.sum(), rejected.sum(), lapsed.sum(), failures.sum(),
        outages.sum(), badBackoffs.sum(), timeouts.sum(), stuck.sum(), archived.sum());
  }
}
