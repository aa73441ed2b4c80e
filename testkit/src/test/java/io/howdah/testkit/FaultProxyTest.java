package io.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

@HowdahTest
class FaultProxyTest {
  private final TestDatabase database;

  FaultProxyTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void withoutFaultsEverythingPasses() throws SQLException {
    try (FaultProxy proxy = FaultProxy.to(database); Connection connection = proxy.dataSource().getConnection()) {
      assertThat(Rows.of(connection, "select current_database()").text()).isEqualTo(database.name());
      assertThat(Rows.of(connection, "select repeat('x', 1000000)").text()).hasSize(1_000_000);
      assertThat(proxy.connections()).isEqualTo(1);
    }
  }

  @Test
  void aCutConnectionIsBrokenAndANewOnePasses() throws SQLException {
    try (FaultProxy proxy = FaultProxy.to(database); Connection connection = proxy.dataSource().getConnection()) {
      proxy.cut();

      assertThatThrownBy(() -> Rows.of(connection, "select 1")).isInstanceOf(SQLException.class);
      try (Connection second = proxy.dataSource().getConnection()) {
        assertThat(Rows.of(second, "select 1").number()).isEqualTo(1);
      }
    }
  }

  @Test
  void refusedUntilResumed() throws SQLException {
    try (FaultProxy proxy = FaultProxy.to(database)) {
      proxy.refuse();
      assertThatThrownBy(() -> proxy.dataSource().getConnection()).isInstanceOf(SQLException.class);

      proxy.resume();
      try (Connection connection = proxy.dataSource().getConnection()) {
        assertThat(Rows.of(connection, "select 1").number()).isEqualTo(1);
      }
    }
  }

  @Test
  void aCommitWhoseAnswerIsStalledAndCutHasHappenedAndTheClientDoesNotKnow() throws Exception {
    database.query("create table ghost (id int)");
    try (FaultProxy proxy = FaultProxy.to(database); Connection connection = proxy.dataSource().getConnection()) {
      proxy.stall(FaultProxy.Direction.TO_CLIENT);
      CompletableFuture<Rows> insert = answer(connection, "insert into ghost values (1)");
      try (Session watcher = database.session("watcher")) {
        watcher.execute("""
            do $$ begin
              for i in 1 .. 2000 loop
                exit when exists (select from ghost);
                perform pg_sleep(0.005);
              end loop;
            end $$""");
      }
      assertThat(insert).isNotDone();
      proxy.cut();

      assertThatThrownBy(() -> insert.get(10, TimeUnit.SECONDS)).hasRootCauseInstanceOf(java.io.IOException.class);
      assertThat(database.number("select count(*) from ghost")).isEqualTo(1);
    }
  }

  @Test
  void whatWasStalledArrivesAfterResume() throws Exception {
    try (FaultProxy proxy = FaultProxy.to(database); Connection connection = proxy.dataSource().getConnection()) {
      proxy.stall();
      CompletableFuture<Rows> query = answer(connection, "select 1");
      assertThatThrownBy(() -> query.get(50, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);

      proxy.resume();

      assertThat(query.get(10, TimeUnit.SECONDS).number()).isEqualTo(1);
    }
  }

  @Test
  void aDelayIsFelt() throws Exception {
    try (FaultProxy proxy = FaultProxy.to(database); Connection connection = proxy.dataSource().getConnection()) {
      proxy.delay(Duration.ofMillis(40));
      long begun = System.nanoTime();
      Rows.of(connection, "select 1");

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(80));
    }
  }

  private static CompletableFuture<Rows> answer(Connection connection, String sql) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return Rows.of(connection, sql);
      } catch (SQLException e) {
        throw new DatabaseException(sql, e);
      }
    });
  }
}
