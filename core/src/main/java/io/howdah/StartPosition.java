package io.howdah;

import java.time.Instant;
import java.util.Objects;

/** Where a new subscription starts to read its stream, or where {@link Operations#seek} puts one that is there. */
public sealed interface StartPosition {

  /** What is committed from now on; a message whose transaction still runs belongs to it. */
  record Now() implements StartPosition {
  }

  /** The oldest message that the stream still has. */
  record Beginning() implements StartPosition {
  }

  /** The first message that was published at this time or later. */
  record Time(Instant instant) implements StartPosition {
    public Time {
      Objects.requireNonNull(instant, "instant");
    }
  }

  /** The message at this position, 1 or more, at most one more than the stream has. */
  record Position(long number) implements StartPosition {
    public Position {
      if (number < 1) {
        throw Limits.invalid("a position must be at least 1 but was " + number);
      }
    }
  }

  static StartPosition now() {
    return new Now();
  }

  static StartPosition beginning() {
    return new Beginning();
  }

  /**
   * With the first message that was published at this time or later. It must be
   * past, and what was published since must still be there: else
   * {@link ErrorCode#GONE}.
   */
  static StartPosition at(Instant instant) {
    return new Time(instant);
  }

  /** With the message at this position; {@link ErrorCode#GONE} if retention has removed it. */
  static StartPosition at(long position) {
    return new Position(position);
  }
}
