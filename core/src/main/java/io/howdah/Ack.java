package io.howdah;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How a {@link Pipeline} acknowledges a message that has come to its end. */
public sealed interface Ack {

  /** The message is handled; the default for success. */
  static Ack done() {
    return Plain.DONE;
  }

  /** The message is handled, and kept in the {@link Archive}. */
  static Ack archive() {
    return Plain.ARCHIVE;
  }

  /**
   * Nothing is said about the message: it stays in flight until its lease has run
   * out, counts as an attempt that died, and comes back. The lease is that of its
   * claim, which is renewed while other messages of the claim are handled.
   */
  static Ack nothing() {
    return Plain.NOTHING;
  }

  /** The message goes back at once, and this delivery does not count as an attempt. */
  static Ack release() {
    return Plain.RELEASE;
  }

  /**
   * The message comes back after the wait that {@link WorkerOptions#failures()},
   * or else the {@link RetryPolicy} of the queue, says; what cannot be read is a
   * dead letter. The default for failures.
   */
  static Ack retry() {
    return new Retry(null);
  }

  /** The message comes back after a delay, which may be zero. */
  static Ack retryIn(Duration delay) {
    return new Retry(delay);
  }

  /** The message becomes a dead letter. */
  static Ack reject() {
    return Plain.REJECT;
  }

  /** What needs no more words. */
  enum Plain implements Ack {
    DONE, ARCHIVE, NOTHING, RELEASE, REJECT
  }

  /**
   * See {@link Ack#retry} and {@link Ack#retryIn}.
   *
   * @param delay
   *          null: as the policy says
   */
  record Retry(@Nullable Duration delay) implements Ack {
    public Retry {
      if (delay != null) {
        Limits.delay(delay);
      }
    }
  }
}
