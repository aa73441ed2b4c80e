package io.howdah.internal.subscription;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
    return find(statement, warning -> LAPSED.equals(warning.getSQLState())) != null;
  }

  /** When more is permitted, see {@link Claimed#permitNanos}. */
  static long permitNanos(Statement statement) throws SQLException {
    SQLWarning limited = find(statement, warning -> LIMITED.equals(warning.getSQLState()));
    if (limited == null) {
      return Claimed.NOT_LIMITED;
    }
    ServerErrorMessage message = limited instanceof PSQLWarning known ? known.getServerErrorMessage() : null;
    String micros = message == null ? null : message.getDetail();
    return micros == null || !micros.matches("\\d{1,12}")
        ? 0
        : Math.max(1, TimeUnit.MICROSECONDS.toNanos(Long.parseLong(micros)));
  }

  private static @Nullable SQLWarning find(Statement statement, Predicate<SQLWarning> which) throws SQLException {
    SQLWarning warning = statement.getWarnings();
    while (warning != null && !which.test(warning)) {
      warning = warning.getNextWarning();
    }
    return warning;
  }
}
