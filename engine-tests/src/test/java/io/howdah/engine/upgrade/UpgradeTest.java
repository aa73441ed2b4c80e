package io.howdah.engine.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.schema.Schema;
import io.howdah.schema.SchemaException;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From every released version to this one, with messages in the database. {@code schemas/NNNN.sql} is what {@code Schema.print()} gave at
 * the release of version NNNN; the newest one may still change until it is released.
 */
class UpgradeTest {
  private static final Path SCHEMAS = Path.of(System.getProperty("howdah.root"), "engine-tests", "src", "test",
      "resources", "schemas");
  static List<Path> released() throws IOException {
    Path newest = SCHEMAS.resolve("%04d.sql".formatted(Schema.version()));
    if ("write".equals(System.getProperty("howdah.golden"))) {
      Files.createDirectories(SCHEMAS);
      Files.writeString(newest, Schema.print());
    }
    try (Stream<Path> files = Files.list(SCHEMAS)) {
      return files.sorted().toList();
    }
  }

  @Test
  void theNewestVersionIsKeptToo() throws IOException {
    assertThat(released()).last().hasToString(SCHEMAS.resolve("%04d.sql".formatted(Schema.version())).toString());
  }

  @ParameterizedTest
  @MethodSource("released")
  void anUpgradeLosesNothingAndLeavesWhatAnInstallationWould(Path schema) throws IOException {
    try (TestDatabase database = TestServer.shared().createEmptyDatabase()) {
      database.query(Files.readString(schema));
      BrokerInUse broker = BrokerInUse.in(database);
      try {
        Schema.of(database.dataSource()).install();
      } catch (SchemaException e) {
        throw new AssertionError(
            """
                %s cannot be upgraded. If it is of a released version, a migration was edited that must not be: add a new one. If it \
                is not released yet, write it anew with: mvn -pl engine-tests -am verify -Dtest=UpgradeTest \
                -Dsurefire.failIfNoSpecifiedTests=false -Dhowdah.golden=write"""
                .formatted(schema.getFileName()),
            e);
      }
      assertThat(Schema.of(database.dataSource()).verify().isClean()).isTrue();
      broker.assertNothingIsLost();
    }
  }

  @Test
  void theNextReleasesMigrationRunsOnceAndLosesNothing(@TempDir Path directory) throws Exception {
    try (TestDatabase database = TestServer.shared().createDatabase(); Release next = nextRelease(directory)) {
      BrokerInUse broker = BrokerInUse.in(database);
      next.install(database.dataSource());
      next.install(database.dataSource());
      assertThat(database.number("select count(*) from howdah.novelty")).isEqualTo(1);
      broker.assertNothingIsLost();
    }
  }

  @Test
  void aNewerSchemaIsLeftAloneByThisRelease(@TempDir Path directory) throws Exception {
    try (TestDatabase database = TestServer.shared().createDatabase(); Release next = nextRelease(directory)) {
      next.install(database.dataSource());
      String newer = "is of version " + (Schema.version() + 1) + ", this Howdah knows version " + Schema.version();
      assertThatExceptionOfType(SchemaException.class).isThrownBy(() -> Schema.of(database.dataSource()).install())
          .withMessageContaining(newer);
      assertThat(Schema.of(database.dataSource()).verify().version()).isEqualTo(Schema.version() + 1);
      assertThat(database.number("select count(*) from howdah.novelty")).isEqualTo(1);
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> Howdah.open(database.dataSource()))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_VERSION));
    }
  }

  @Test
  void aMigrationThatFailsChangesNothing(@TempDir Path directory) throws Exception {
    Map<String, String> broken = Map.of(migrationName(), "create table howdah.novelty (n int); select 1 / 0;");
    try (TestDatabase database = TestServer.shared().createDatabase(); Release next = Release.next(directory, broken)) {
      BrokerInUse broker = BrokerInUse.in(database);
      assertThat(catchThrowable(() -> next.install(database.dataSource()))).hasMessageContaining("division by zero");
      assertThat(Schema.of(database.dataSource()).verify().isClean()).isTrue();
      broker.assertNothingIsLost();
    }
  }

  private static String migrationName() {
    return "migrations/%04d_novelty.sql".formatted(Schema.version() + 1);
  }

  private static Release nextRelease(Path directory) throws IOException {
    return Release.next(directory, Map.of(migrationName(), """
        create table howdah.novelty (n int not null);
        insert into howdah.novelty values (1);
        """, "functions/clock/schema_version.sql", """
        create or replace function howdah.schema_version() returns int language sql immutable as $$ select %d $$;
        """.formatted(Schema.version() + 1)));
  }
}
