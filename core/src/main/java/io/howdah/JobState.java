package io.howdah;

/** Where a job stands. */
public enum JobState {
  /** It is for later. */
  SCHEDULED,
  /** It starts as soon as a performer is free. */
  AVAILABLE,
  /** It waits behind another job of its queue. */
  WAITING,
  /** A performer has it. */
  RUNNING,
  /** It has failed and waits for its next attempt; so does its queue. */
  RETRYING,
  /** It has failed and waits until somebody retries, skips or cancels it; so does its queue. */
  BLOCKED,
  /** It is done. */
  DONE,
  /** It was given up and is a dead letter. */
  DEAD
}
