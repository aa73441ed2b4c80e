package io.howdah.internal.subscription;

/**
 * How the messages of a slice reach the user's handler, and its answers the
 * slice. Called by several hands at a time.
 */
interface Call<T> {

  /** Handles what nobody else has started of the slice. */
  void on(Slice<T> slice, Hand hand);

  /** Whether one hand takes all of a slice. */
  boolean isBatches();
}
