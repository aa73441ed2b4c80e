package io.howdah;

/** What a worker is doing, as {@link Worker#state()} tells it. */
public enum WorkerState {
  /** It claims and handles. */
  RUNNING,
  /** It was started disabled on this node, and claims nothing until it is resumed. */
  DISABLED,
  /** It claims nothing until it is resumed. */
  PAUSED,
  /** It claims nothing until it is resumed, and finishes what it has claimed. */
  DRAINING,
  /** The database cannot be used at the moment; it keeps trying. */
  UNAVAILABLE,
  /** It was closed, and has ended. */
  CLOSED,
  /** It has ended by itself, because its subscription was dropped: {@link Worker#failure()}. */
  FAILED
}
