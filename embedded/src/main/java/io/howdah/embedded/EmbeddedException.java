package io.howdah.embedded;

import java.io.IOException;
import java.io.Serial;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/**
 * What went wrong with an embedded PostgreSQL; the message says what, which, and what to do, and needs no stack trace.
 */
public final class EmbeddedException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1L;

  EmbeddedException(String message) {
    super(message);
  }

  EmbeddedException(String message, Throwable cause) {
    super(message, cause);
  }

  /** A file operation that failed: `action` is the thing that could not be done, with its path. */
  static EmbeddedException of(String action, IOException cause) {
    return new EmbeddedException("cannot " + action + ": " + reason(cause), cause);
  }

  private static String reason(IOException cause) {
    String text = String.valueOf(cause.getMessage());
    return switch (cause) {
      case ClosedByInterruptException interrupted -> "the thread was interrupted";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileAlreadyExistsException exists -> exists.getFile() + " exists and is not a directory";
      case NoSuchFileException missing -> missing.getFile() + " does not exist";
      default -> text;
    };
  }
}
