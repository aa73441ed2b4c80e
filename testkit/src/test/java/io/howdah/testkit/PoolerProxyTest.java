package io.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@HowdahTest
class PoolerProxyTest {
  private static final String BACKEND = "select pg_backend_pid()";
  private final TestDatabase database;

  PoolerProxyTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void eachTransactionGetsAnotherServerConnection() throws SQLException {
    try (PoolerProxy pooler = PoolerProxy.to(database, 3);
        Connection connection = pooler.dataSource().getConnection()) {
      Set<String> backends = new HashSet<>();
      String before = "";
      for (int i = 0; i < 6; i++) {
        String backend = Rows.of(connection, BACKEND).text();
        assertThat(backend).isNotEqualTo(before);
        backends.add(backend);
        before = backend;
      }
      assertThat(backends).hasSize(3);
      assertThat(pooler.transactions()).isGreaterThanOrEqualTo(6);
    }
  }

  @Test
  void aTransactionStaysOnItsServerConnection() throws SQLException {
    try (PoolerProxy pooler = PoolerProxy.to(database, 2);
        Connection connection = pooler.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      String backend = Rows.of(connection, BACKEND).text();
      assertThat(Rows.of(connection, BACKEND).text()).isEqualTo(backend);
      connection.commit();
      assertThat(Rows.of(connection, BACKEND).text()).isNotEqualTo(backend);
      connection.rollback();
    }
  }

  @Test
  void settingsStayBehind() throws SQLException {
    try (PoolerProxy pooler = PoolerProxy.to(database, 2);
        Connection connection = pooler.dataSource().getConnection()) {
      Rows.of(connection, "set application_name = 'poisoned'");
      assertThat(Rows.of(connection, "show application_name").text()).isNotEqualTo("poisoned");
      assertThat(Rows.of(connection, "show application_name").text()).isEqualTo("poisoned");
    }
  }

  /** Inside of transactions: in auto-commit this driver prepares anew, and nobody notices. */
  @Test
  void aDriverThatPreparesOnTheServerIsFoundOut() throws SQLException {
    try (PoolerProxy pooler = PoolerProxy.to(database, 2);
        Connection connection = pooler.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> {
        for (int i = 0; i < 10; i++) {
          assertThat(Rows.of(connection, "select ?::int", i).number()).isEqualTo(i);
          connection.commit();
        }
      }).isInstanceOf(SQLException.class).hasMessageContaining("prepared statement");
    }
  }

  @Test
  void twoTransactionsAtOnceAndAWaitForAFreeConnection() throws Exception {
    try (PoolerProxy pooler = PoolerProxy.to(database, 1);
        Connection first = pooler.dataSource().getConnection();
        Connection second = pooler.dataSource().getConnection()) {
      first.setAutoCommit(false);
      Rows.of(first, "select 1");
      CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> {
        try {
          return Rows.of(second, "select 2").text();
        } catch (SQLException e) {
          throw new DatabaseException("second", e);
        }
      });
      assertThat(waiting).isNotDone();
      first.commit();
      assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("2");
    }
  }

  @Test
  void aClientThatGoesInsideATransactionLosesIt() throws SQLException {
    database.query("create table half (id int)");
    try (PoolerProxy pooler = PoolerProxy.to(database, 1)) {
      try (Connection connection = pooler.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        Rows.of(connection, "insert into half values (1)");
      }
      try (Connection connection = pooler.dataSource().getConnection()) {
        assertThat(Rows.of(connection, "select count(*) from half").number()).isZero();
      }
    }
  }

  @Test
  void aQueryCanBeCancelled() throws Exception {
    try (PoolerProxy pooler = PoolerProxy.to(database, 2);
        Connection connection = pooler.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      assertThatThrownBy(() -> statement.execute("select pg_sleep(30)")).hasMessageContaining("canceling statement");
    }
  }
}
