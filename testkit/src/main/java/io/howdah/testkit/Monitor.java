package io.howdah.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** A connection beside the sessions, from which their locks are watched. */
final class Monitor implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Connection connection;

  Monitor(Connection connection) {
    this.connection = connection;
  }

  /** The server processes that hold what this one waits for; 0 stands for a prepared transaction. */
  List<Integer> blockersOf(int backend) {
    List<Integer> blockers = new ArrayList<>();
    for (String pid : query("select unnest(pg_blocking_pids(?))", backend).texts()) {
      blockers.add(Integer.valueOf(pid));
    }
    return blockers;
  }

  /** Those of the server processes that wait for nobody. */
  Set<Integer> free(Collection<Integer> backends) {
    Set<Integer> free = new HashSet<>();
    Rows rows = query("select pid from unnest(?::int[]) pid where cardinality(pg_blocking_pids(pid)) = 0",
        (Object) backends.toArray(Integer[]::new));
    rows.texts().forEach(pid -> free.add(Integer.valueOf(pid)));
    return free;
  }

  void terminate(int backend) {
    query("select pg_terminate_backend(?)", backend);
  }

  private Rows query(String sql, Object argument) {
    lock.lock();
    try {
      return Rows.of(connection, sql, argument);
    } catch (SQLException e) {
      throw new DatabaseException("the locks cannot be watched: " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      connection.close();
    } catch (SQLException e) {
      throw new DatabaseException("the monitor could not be closed", e);
    } finally {
      lock.unlock();
    }
  }
}
