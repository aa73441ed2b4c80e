package io.howdah.testkit;

import java.sql.SQLException;
import java.util.Objects;

/** A statement of a test failed. */
public final class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DatabaseException(String message, SQLException cause) {
    super(message, cause);
  }

  /** The SQLSTATE, or an empty text if the failure has none. */
  public String sqlState() {
    return getCause() instanceof SQLException e ? Objects.requireNonNullElse(e.getSQLState(), "") : "";
  }
}
