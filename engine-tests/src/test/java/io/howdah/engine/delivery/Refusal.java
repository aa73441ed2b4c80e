package io.howdah.engine.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.testkit.DatabaseException;
import io.howdah.testkit.Session;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What an error of the engine must be: one clear line, its SQLSTATE, and a hint that says what to do. */
public final class Refusal {
  private Refusal() {
  }

  /** Runs a statement that has to fail with this SQLSTATE, with a message and a hint. */
  public static void expect(String sqlState, Session session, String sql, @Nullable Object... arguments) {
    ServerErrorMessage error = failure(sqlState, session, sql, arguments);
    assertThat(error.getMessage()).as(sql).isNotBlank().doesNotContain("\n");
    assertThat(error.getHint()).as("hint of: " + error.getMessage()).isNotBlank();
  }

  /** Runs a statement that PostgreSQL itself has to refuse with this SQLSTATE, before the engine could give a hint. */
  public static void expectOfServer(String sqlState, Session session, String sql, @Nullable Object... arguments) {
    assertThat(failure(sqlState, session, sql, arguments).getMessage()).as(sql).isNotBlank();
  }

  private static ServerErrorMessage failure(String sqlState, Session session, String sql,
      @Nullable Object... arguments) {
    ServerErrorMessage[] error = new ServerErrorMessage[1];
    assertThatThrownBy(() -> session.execute(sql, arguments)).as(sql).isInstanceOfSatisfying(DatabaseException.class,
        e -> {
          assertThat(e.sqlState()).as(sql + ": " + e.getMessage()).isEqualTo(sqlState);
          error[0] = ((PSQLException) e.getCause()).getServerErrorMessage();
        });
    return error[0];
  }
}
