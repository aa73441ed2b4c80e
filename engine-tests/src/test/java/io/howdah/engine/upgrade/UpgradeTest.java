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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From every released version to this one, with messages in the database. {@code schemas/NNNN.sql} is what
 * {@code Schema.print()} gave at the release of version NNNN; nothing is released yet.
 */
class UpgradeTest {
  private static final Path ROOT = Path.of(System.getProperty("howdah.root"));
  private static final Path SCHEMAS = ROOT.resolve("engine-tests/src/test/resources/schemas");

  static Stream<Named<String>> schemas() throws IOException {
    List<Named<String>> schemas = new ArrayList<>();
    if (Files.exists(SCHEMAS)) {
      try (Stream<Path> files = Files.list(SCHEMAS)) {
        for (Path file : files.sorted().toList()) {
          schemas.add(Named.of(file.getFileName().toString(), Files.readString(file)));
        }
      }
    }
    schemas.add(Named.of("this one", Schema.print()));
    return schemas.stream();
  }

  @Test
  void theSchemaOfAReleaseIsKept() throws IOException {
    if (!Files.readString(ROOT.resolve("pom.xml")).contains("-SNAPSHOT</version>")) {
      assertThat(SCHEMAS.resolve("%04d.sql".formatted(Schema.version()))).as("written with ./howdah schema print")
          .exists();
    }
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void anUpgradeLosesNothingAndLeavesWhatAnInstallationWould(String schema) throws IOException {
    try (TestDatabase database = TestServer.shared().createEmptyDatabase()) {
      database.query(schema);
      BrokerInUse broker = BrokerInUse.in(database);
      try {
        Schema.of(database.dataSource()).install();
      } catch (SchemaException e) {
        throw new AssertionError("a released migration was edited: leave it as it was and add a new one", e);
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
