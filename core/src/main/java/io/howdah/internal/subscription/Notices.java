package io.howdah.internal.subscription;

import io.howdah.internal.wakeup.Permit;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

/** What the functions say beside their rows. A session that hides notices loses hints, nothing else. */
final class Notices {

  private static final String LAPSED = "HD410";
  private static final String LIMITED = "HD429";

  private Notices() {
  }

  /** Whether what was to be settled had lapsed. */
  static boolean sayLapsed(Statement statement) throws SQLException {
    for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
      if (LAPSED.equals(warning.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  /** What limits say. */
  static Permit permit(Statement statement) throws SQLException {
    Permit permit = Permit.FREE;
    for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
      if (LIMITED.equals(warning.getSQLState()) && warning instanceof PSQLWarning known) {
        permit = permit.and(read(known.getServerErrorMessage()));
      }
    }
    return permit;
  }

  private static Permit read(@Nullable ServerErrorMessage message) {
    String limit = message == null ? null : message.getConstraint();
    if (message == null || limit == null) {
      return Permit.FREE;
    }
    String micros = message.getDetail();
    boolean known = micros != null && micros.matches("\\d{1,12}");
    long nanos = known ? Math.max(1, TimeUnit.MICROSECONDS.toNanos(Long.parseLong(micros))) : 0; // at once is not never
    return switch (limit) {
      case "rate" -> new Permit(true, false, false, false, nanos, 0);
      case "key_rate" -> new Permit(true, false, false, false, 0, nanos);
      case "key_concurrency" -> new Permit(false, true, true, !known, 0, 0);
      default -> new Permit(false, true, false, !known, 0, 0);
    };
  }
}
