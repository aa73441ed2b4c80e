package io.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.howdah.schema.Schema;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@HowdahTest
class TestDatabaseTest {
  private final TestDatabase database;

  TestDatabaseTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void theSchemaIsInstalled(DataSource dataSource) {
    assertThat(Schema.of(dataSource).verify().isClean()).isTrue();
  }

  @Test
  void anEmptyDatabaseHasNoSchema() {
    try (TestDatabase empty = TestServer.shared().createEmptyDatabase()) {
      assertThat(empty.name()).isNotEqualTo(database.name());
      assertThat(empty.text("select to_regnamespace('howdah')")).isEqualTo("null");
    }
  }

  @Test
  void aDatabaseIsDroppedThoughSomebodyIsConnected() {
    TestDatabase other = TestServer.shared().createDatabase();
    other.session("idle").begin();
    other.close();

    assertThat(database.number("select count(*) from pg_database where datname = ?", other.name())).isZero();
  }

  @Test
  void theClockMovesForSessionsThatAreOpenAlready(TestClock clock) {
    try (Session session = database.session("open")) {
      session.execute("select howdah.now()");
      clock.advance(Duration.ofDays(2));
      clock.advance(Duration.ofHours(-24));

      long seconds = session.execute("select extract(epoch from howdah.now() - clock_timestamp())::bigint").number();
      assertThat(seconds).isEqualTo(86_400);
      clock.reset();
      assertThat(clock.now()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
      assertThat(Schema.of(database.dataSource()).verify().isClean()).isTrue();
    }
  }

  @Test
  void aSabotagedFunctionIsChangedUntilHealed() {
    database.sabotage("functions/any/now.sql", "clock_timestamp()", "timestamptz '2000-01-01'");
    assertThat(database.text("select extract(year from howdah.now())::int")).isEqualTo("2000");

    database.heal();

    assertThat(Schema.of(database.dataSource()).verify().isClean()).isTrue();
  }

  @Test
  void aSabotageThatChangesNothingIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> database.sabotage("now", "no such text", ""))
        .withMessageContaining("howdah.now does not contain");
  }

  @Nested
  class InANestedClass {
    @Test
    void theDatabaseIsTheSame(TestDatabase same) {
      assertThat(same).isSameAs(database);
    }
  }
}
