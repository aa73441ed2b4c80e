package io.howdah;

import java.time.Instant;

/** Whether a consumer of a queue has something to do. */
public sealed interface QueueState {

  /** Nothing is ready, scheduled or in flight. */
  enum Empty implements QueueState {
    EMPTY
  }

  /** A claim finds something, now or at its next look. */
  enum Ready implements QueueState {
    READY
  }

  /**
   * Nothing now.
   *
   * @param at when the first scheduled message falls due or the first lease ends, whichever comes first; something may be
   *          published before
   */
  record Later(Instant at) implements QueueState {
  }
}
