package io.howdah.internal.subscription;

import io.howdah.WorkerOptions;
import io.howdah.internal.wakeup.Permit;
import java.time.Duration;

/**
 * How many messages a worker asks for. About half a second of work is claimed
 * ahead, at most the option's fetch, and at most about 16 MB going by the size
 * of recent messages: enough to keep all hands busy over a round trip, not so
 * much that messages lie with a slow worker while another one has nothing to
 * do. If a single call takes longer than that, nothing is claimed ahead: only
 * idle hands ask. The same while the subscription is limited: others could have
 * the permits of what lies here, and a rate counts what is handed out as if it
 * were started at once.
 */
final class Appetite {

  private static final long AHEAD_NANOS = Duration.ofMillis(500).toNanos();
  private static final long LIMITED = Duration.ofSeconds(10).toNanos();
  private static final long MOST_CHARACTERS = 16L << 20;
  /** Before anything is known; 16 of the largest messages are 16 MB. */
  private static final int FIRST = 16;

  private final WorkerOptions options;
  private final Call.Feed feed;
  private double nanosPerMessage;
  private double nanosPerCall;
  private double charactersPerMessage;
  private boolean learned;
  private long limitedAt = System.nanoTime() - LIMITED;

  Appetite(WorkerOptions options, Call.Feed feed) {
    this.options = options;
    this.feed = feed;
  }

  /** A slice has been handled; the newest counts half. */
  void learn(int messages, long spentNanos, long characters) {
    double weight = learned ? 0.5 : 1;
    nanosPerMessage += weight * ((double) spentNanos / messages - nanosPerMessage);
    charactersPerMessage += weight * ((double) characters / messages - charactersPerMessage);
    nanosPerCall += weight
        * (feed == Call.Feed.BY_CLAIM ? spentNanos - nanosPerCall : (double) spentNanos / messages - nanosPerCall);
    learned = true;
  }

  /** What limits said to the last claim. */
  void limited(Permit permit) {
    if (permit.isScarce()) {
      limitedAt = System.nanoTime();
    }
  }

  /**
   * How many messages to claim now, 0 for none.
   *
   * @param messages
   *          that are claimed and not started
   * @param slices
   *          that they are in
   * @param idle
   *          hands that have nothing to do
   */
  int ask(int messages, int slices, int idle) {
    boolean slow = nanosPerCall > AHEAD_NANOS || System.nanoTime() - limitedAt < LIMITED;
    if (feed == Call.Feed.AHEAD) {
      return messages == 0 ? fitting(options.fetch()) : 0;
    }
    if (feed == Call.Feed.BY_CLAIM) {
      return slices < idle + (slow ? 0 : 1) ? fitting(options.fetch()) : 0;
    }
    if (slow || !learned) {
      return idle > messages ? fitting(idle - messages) : 0;
    }
    int size = fitting((long) (options.concurrency() * (double) AHEAD_NANOS / Math.max(1, nanosPerMessage)));
    return messages < size ? size : 0;
  }

  private int fitting(long wanted) {
    long most = learned ? (long) (MOST_CHARACTERS / Math.max(1, charactersPerMessage)) : FIRST;
    return (int) Math.clamp(Math.min(wanted, most), 1, options.fetch());
  }
}
