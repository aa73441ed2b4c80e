package io.howdah.internal.subscription;

import java.util.BitSet;

/**
 * How the messages of a slice reach the user's handler, and its answers the
 * slice. Called by several hands at a time.
 */
public interface Call<T> {

  /** How many messages are claimed for it. */
  enum Feed {
    /** As many as the handler gets through in half a second. */
    BY_TIME,
    /** A claim for each hand, and one ahead. */
    BY_CLAIM,
    /** The next claim as soon as all of the last one is started. */
    AHEAD
  }

  /** Handles what nobody else has started of the slice. */
  void on(Slice<T> slice, Hand hand);

  Feed feed();

  /** What waits for company is not to wait any longer. */
  default void flush() {
  }

  /** Begins nothing any more. */
  default void stop() {
  }

  /** What the worker has given up, or may not begin any more, is to be answered. */
  default void sweep() {
  }

  /**
   * How many messages it can take now.
   *
   * @param unanswered
   *          messages that the worker has
   */
  default int room(int unanswered) {
    return Integer.MAX_VALUE;
  }

  /** Nanoseconds until there is room again, if that is a question of time. */
  default long untilRoom() {
    return Long.MAX_VALUE;
  }

  /** A slice was claimed, and is about to be handed out. */
  default void claimed(Slice<T> slice, long tookNanos) {
  }

  /** The database has confirmed what was answered for the messages of these indexes. */
  default void settled(Slice<T> slice, BitSet indexes) {
  }

  /** The lease of a slice has run out. */
  default void lapsed(Slice<T> slice) {
  }

  /** Tells handlers that run on other threads than the worker's hands to end. */
  default void interrupt() {
  }

  /** Nothing is left to do. */
  default void end() {
  }
}
