package io.howdah.internal.subscription;

/**
 * How the messages of a slice reach the user's handler, and its answers the
 * slice. Called by several hands at a time.
 */
interface Call<T> {

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

  /** Tells handlers that run on other threads than the worker's hands to end. */
  default void interrupt() {
  }
}
