package io.howdah.testkit;

/** A broken promise, the message it was broken for, and how. */
public record Violation(Kind kind, String message, String what) {
  /** The promises that {@link HistoryChecker} knows. */
  public enum Kind {
    /** An acknowledged message was never delivered, or was never done although all was drained. */
    LOST,
    /** A message was delivered that was never published, or whose publish was rolled back. */
    PHANTOM,
    /** A message was delivered again without a reason. */
    DUPLICATED,
    /** Two messages of one key, or of one stream, came in the wrong order. */
    REORDERED,
    /** Two messages of one key, or of one strict subscription, were in different hands at the same time. */
    OVERLAPPED,
    /** Two outcomes that end a message were accepted. */
    SETTLED_TWICE,
    /** An outcome was accepted under a token that was void, because the message was in other hands. */
    UNFENCED,
    /** A message was delivered before it was due. */
    EARLY,
    /** A message was delivered after its time to live. */
    EXPIRED,
    /** A delivery had an attempt number that does not fit what had become of those before. */
    MISCOUNTED
  }

  @Override
  public String toString() {
    return kind + " " + message + ": " + what;
  }
}
