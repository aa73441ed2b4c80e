package io.howdah;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of Howdah. The message says what went wrong, with which
 * name, and what to do about it.
 */
public final class HowdahException extends RuntimeException {

  private final ErrorCode code;

  public HowdahException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public HowdahException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  /** The class of the failure, to decide by. */
  public ErrorCode code() {
    return code;
  }
}
