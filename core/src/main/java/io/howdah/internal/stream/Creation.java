package io.howdah.internal.stream;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ConcurrentMap;

/**
 * Makes a queue when it is first published to. Outside of a transaction nothing is done before it is missed. Inside of
 * one a failed statement would end the transaction, so a savepoint stands before the first publish to a queue that this
 * process has not seen yet; the queue is then made in that transaction, and goes with its rollback.
 *
 * @param queue
 *          its name
 * @param enabled
 *          whether it is to be made
 * @param seen
 *          of the whole process: true for queues that are known to be there,
 *          false for those that were made in a transaction which may have been
 *          rolled back
 */
public record Creation(String queue, boolean enabled, ConcurrentMap<String, Boolean> seen) {

  /** Runs work that commits by itself. */
  <R> R commit(Connections connections, String what, Connections.Work<R> work) {
    try {
      R answer = connections.commit(what, work);
      if (enabled) {
        seen.put(queue, true);
      }
      return answer;
    } catch (HowdahException e) {
      if (!enabled || e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      connections.call(connection -> StreamFunctions.createQueue(connection, queue));
      return connections.commit(what, work);
    }
  }

  /** Runs work in the caller's transaction, or on the caller's connection in auto-commit. */
  <R> R run(Connection caller, Connections.Work<R> work) throws SQLException {
    if (!enabled || seen.getOrDefault(queue, false)) {
      try {
        return work.run(caller);
      } catch (SQLException e) {
        seen.remove(queue);
        throw e;
      }
    }
    boolean inTransaction = !caller.getAutoCommit();
    if (inTransaction) {
      execute(caller, "savepoint howdah_publish");
    }
    R answer;
    try {
      answer = work.run(caller);
      seen.putIfAbsent(queue, true);
    } catch (SQLException e) {
      if (SqlErrors.translate(e).code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      if (inTransaction) {
        execute(caller, "rollback to savepoint howdah_publish");
      }
      seen.put(queue, false);
      StreamFunctions.createQueue(caller, queue);
      answer = work.run(caller);
    }
    if (inTransaction) {
      execute(caller, "release savepoint howdah_publish");
    }
    return answer;
  }

  private static void execute(Connection caller, String command) throws SQLException {
    try (Statement statement = caller.createStatement()) {
      statement.execute(command);
    }
  }
}
