package io.howdah.embedded;

import java.io.IOException;
import java.io.Serial;

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
      case java.nio.file.AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case java.nio.file.FileAlreadyExistsException exists -> exists.getFile() + " exists and is not a directory";
      case java.nio.file.NoSuchFileException missing -> missing.getFile() + " does not exist";
      default -> text;
    };
  }
}
