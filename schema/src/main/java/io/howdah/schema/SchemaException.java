package io.howdah.schema;

import org.jspecify.annotations.Nullable;

/**
 * The schema could not be installed, verified or uninstalled. Nothing was
 * changed; the message says what is wrong, where, and what to do.
 */
public final class SchemaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SchemaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
