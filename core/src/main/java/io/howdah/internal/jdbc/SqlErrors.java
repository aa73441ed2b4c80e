package io.howdah.internal.jdbc;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The one place where SQLSTATEs become {@link ErrorCode}s and server messages
 * become ours.
 */
public final class SqlErrors {

  private static final String INSTALL = "the schema howdah is not installed in this database, or not completely; "
      + "install it with howdah schema install";

  private static final String CANCELLED = "nothing of it happened; if it took longer than the statementTimeout, give it more";

  private SqlErrors() {
  }

  /**
   * The failure as the caller sees it: the server's message and hint, never its
   * detail, which may quote a payload.
   */
  public static HowdahException translate(SQLException e) {
    ErrorCode code = code(e.getSQLState());
    return new HowdahException(code, switch (code) {
      case SCHEMA_MISSING -> INSTALL + " (" + text(e) + ")";
      case TIMEOUT -> "57014".equals(e.getSQLState()) ? text(e) + "; " + CANCELLED : text(e);
      default -> text(e);
    }, e);
  }

  /**
   * Whether the connection is lost, so that nobody knows what became of the
   * statement.
   */
  public static boolean connectionLost(SQLException e) {
    String state = e.getSQLState();
    return state != null && (state.startsWith("08") || state.startsWith("57P"));
  }

  static ErrorCode code(@Nullable String state) {
    if (state == null || state.length() != 5) {
      return ErrorCode.INTERNAL;
    }
    return switch (state) {
      case "HD404" -> ErrorCode.NOT_FOUND;
      case "HD409" -> ErrorCode.CONFLICT;
      case "HD410" -> ErrorCode.LAPSED;
      case "HD416" -> ErrorCode.GONE;
      case "HD422" -> ErrorCode.UNROUTABLE;
      case "HD503" -> ErrorCode.UNAVAILABLE;
      case "3F000", "42883", "42P01", "42703" -> ErrorCode.SCHEMA_MISSING;
      case "42501", "0LP01" -> ErrorCode.DENIED;
      case "40001", "40P01" -> ErrorCode.CONTENTION;
      case "57014", "55P03" -> ErrorCode.TIMEOUT;
      case "25006" -> ErrorCode.UNAVAILABLE; // a standby: read only until it is promoted
      default -> codeOfClass(state.substring(0, 2));
    };
  }

  private static ErrorCode codeOfClass(String stateClass) {
    return switch (stateClass) {
      case "08", "53", "57", "58" -> ErrorCode.UNAVAILABLE;
      case "22", "23", "54" -> ErrorCode.INVALID;
      case "0A", "25" -> ErrorCode.UNSUPPORTED;
      case "28" -> ErrorCode.DENIED;
      case "55" -> ErrorCode.CONTENTION;
      default -> ErrorCode.INTERNAL;
    };
  }

  private static String text(SQLException e) {
    ServerErrorMessage server = e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
    if (server == null || server.getMessage() == null) {
      String message = e.getMessage();
      return message == null ? "the database failed without a message (SQLSTATE " + e.getSQLState() + ")" : message;
    }
    return server.getHint() == null ? server.getMessage() : server.getMessage() + "; " + server.getHint();
  }
}
