package io.howdah.testkit;

import static io.howdah.testkit.Permutations.Step.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.testkit.Permutations.Plan;
import io.howdah.testkit.Permutations.Report;
import io.howdah.testkit.Permutations.Script;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class PermutationsTest {
  private final TestDatabase database;

  PermutationsTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void anAccountPerSchedule() {
    database.query("create table if not exists account (id text primary key, balance int not null)");
  }

  @Test
  void everyOrderIsRunOnce() {
    try (Permutations permutations = Permutations.of(database, this::safeTransfers)) {
      Report report = permutations.all().assertKept();

      assertThat(report.schedules()).isEqualTo(20);
      assertThat(report.possible()).isEqualTo(20);
      assertThat(report.waits()).isPositive();
    }
  }

  @Test
  void anOrderThatBreaksThePromiseIsFoundAndNamed() {
    try (Permutations permutations = Permutations.of(database, this::carelessTransfers)) {
      Report report = permutations.all();

      assertThat(report.failure()).isPresent();
      assertThat(report.failure().orElseThrow().schedule()).hasSize(6).contains("A", "B");
      assertThatThrownBy(report::assertKept).isInstanceOf(AssertionError.class).hasMessageContaining("balance is");
      List<String> broken = report.failure().orElseThrow().schedule();
      assertThat(permutations.only(broken.toArray(String[]::new)).failure()).isPresent();
      assertThat(permutations.only("A", "A", "A", "B", "B", "B").failure()).isEmpty();
    }
  }

  @Test
  void aStepThatFailsFailsTheSchedule() {
    try (Permutations permutations = Permutations.of(database,
        id -> new Plan(List.of(Script.of("A", sql("select 1 / 0"))), () -> {
        }))) {
      assertThatThrownBy(() -> permutations.all().assertKept()).hasMessageContaining("division by zero");
    }
  }

  @Test
  void aDeadlockEndsByItself() {
    try (Permutations permutations = Permutations.of(database, this::crossedLocks)) {
      assertThat(permutations.only("A", "A", "B", "B", "A", "B", "A", "B").failure().orElseThrow().cause())
          .hasMessageContaining("deadlock");
      assertThat(permutations.only("A", "A", "A", "A", "B", "B", "B", "B").failure()).isEmpty();
    }
  }

  @Test
  void aSampleHasDifferentOrdersAndIsTheSameForTheSameSeed() {
    Schedules schedules = new Schedules(Map.of("A", 4, "B", 4, "C", 3));

    assertThat(schedules.count()).isEqualTo(11_550);
    assertThat(schedules.sample(11_550, 1)).hasSize(11_550).doesNotHaveDuplicates();
    assertThat(schedules.sample(100, 7)).hasSize(100).doesNotHaveDuplicates().isEqualTo(schedules.sample(100, 7))
        .isNotEqualTo(schedules.sample(100, 8));
  }

  private Plan safeTransfers(String id) {
    database.query("insert into account values (?, 0) on conflict (id) do update set balance = 0", id);
    return new Plan(List.of(increment("A", id), increment("B", id)), () -> checkBalance(id));
  }

  private static Script increment(String session, String id) {
    return Script.of(session, sql("begin"), sql("update account set balance = balance + 1 where id = ?", id),
        sql("commit"));
  }

  private Plan carelessTransfers(String id) {
    database.query("insert into account values (?, 0) on conflict (id) do update set balance = 0", id);
    return new Plan(List.of(overwrite("A", id), overwrite("B", id)), () -> checkBalance(id));
  }

  private static Script overwrite(String session, String id) {
    long[] seen = new long[1];
    return Script.of(session,
        new Permutations.Step("read",
            connection -> seen[0] = Rows.of(connection, "select balance from account where id = ?", id).number()),
        sql("select 1"), new Permutations.Step("write",
            connection -> Rows.of(connection, "update account set balance = ? where id = ?", (int) seen[0] + 1, id)));
  }

  private Plan crossedLocks(String id) {
    String other = id + "'";
    for (String account : List.of(id, other)) {
      database.query("insert into account values (?, 0) on conflict (id) do update set balance = 0", account);
    }
    return new Plan(List.of(both("A", id, other), both("B", other, id)), () -> {
    });
  }

  private static Script both(String session, String first, String second) {
    String update = "update account set balance = balance + 1 where id = ?";
    return Script.of(session, sql("begin"), sql(update, first), sql(update, second), sql("commit"));
  }

  private void checkBalance(String id) {
    assertThat(database.number("select balance from account where id = ?", id)).as("balance is").isEqualTo(2);
  }
}
