package io.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class SessionTest {
  private final TestDatabase database;

  SessionTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void oneRow() {
    database
        .query("drop table if exists row; create table row (id int primary key, v int); insert into row values (1, 0)");
  }

  @Test
  void aStatementIsSeenBlockedAndGoesOnAfterTheOthersCommit() {
    try (Session a = database.session("a"); Session b = database.session("b")) {
      a.begin().execute("update row set v = v + 1");
      b.run("update row set v = v + 1 returning v").awaitBlocked();
      assertThat(b.isBlocked()).isTrue();
      assertThat(a.isBlocked()).isFalse();

      a.commit();

      assertThat(b.await().number()).isEqualTo(2);
      assertThat(b.isRunning()).isFalse();
    }
  }

  @Test
  void aStatementThatEndsIsNotBlocked() {
    try (Session a = database.session("a")) {
      assertThatThrownBy(() -> a.run("select 1").awaitBlocked()).isInstanceOf(AssertionError.class)
          .hasMessageContaining("it ended");
    }
  }

  @Test
  void aPreparedTransactionIsCommittedByAnotherSession() {
    try (Session a = database.session("a"); Session b = database.session("b")) {
      a.begin().execute("update row set v = 7");
      a.prepare("it's prepared");
      assertThat(database.number("select v from row")).isZero();

      b.commitPrepared("it's prepared");

      assertThat(database.number("select v from row")).isEqualTo(7);
    }
  }

  @Test
  void aTerminatedSessionLosesItsTransaction() {
    try (Session a = database.session("a")) {
      a.begin().execute("update row set v = 7");
      a.terminate();

      assertThatThrownBy(a::commit).isInstanceOf(DatabaseException.class);
      assertThat(database.number("select v from row")).isZero();
    }
  }

  @Test
  void aFailureCarriesItsSqlState() {
    try (Session a = database.session("a")) {
      assertThatThrownBy(() -> a.execute("select 1 / 0")).isInstanceOfSatisfying(DatabaseException.class,
          e -> assertThat(e.sqlState()).isEqualTo("22012"));
    }
  }

  @Test
  void aBusySessionTakesNoSecondStatement() {
    try (Session a = database.session("a"); Session b = database.session("b")) {
      a.begin().execute("update row set v = 7");
      b.run("update row set v = 8");

      assertThatIllegalStateException().isThrownBy(() -> b.run("select 1")).withMessageContaining("still busy");
    }
  }
}
