package io.howdah.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class InstallTest {
  private final SchemaDatabase database = new SchemaDatabase();
  private final Schema schema = Schema.of(database.dataSource());

  @Test
  void anEmptyDatabaseGetsEverythingAndAgainChangesNothing() throws SQLException {
    assertThat(schema.verify().version()).isZero();
    assertThat(schema.verify().missing()).isNotEmpty();

    schema.install();
    List<String> applied = database.texts("select number || ' ' || at from howdah.migration order by number");
    schema.install();

    assertThat(schema.verify().isClean()).isTrue();
    assertThat(schema.verify().version()).isEqualTo(Schema.version());
    assertThat(database.texts("select number || ' ' || at from howdah.migration order by number")).isEqualTo(applied);
  }

  @Test
  void installersOfOneDatabaseWaitForOneAnother() throws Exception {
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> installs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        installs.add(pool.submit(schema::install));
      }
      for (Future<?> install : installs) {
        install.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(schema.verify().isClean()).isTrue();
  }

  @Test
  void aFailureLeavesNothingBehind() throws SQLException {
    database.run(
        "create function fail() returns event_trigger language plpgsql as $$ begin raise 'no functions today'; end $$");
    database.run(
        "create event trigger no_functions on ddl_command_end when tag in ('CREATE FUNCTION') execute function fail()");

    assertThatExceptionOfType(SchemaException.class).isThrownBy(schema::install).withMessageContaining("functions/")
        .withMessageContaining("no functions today");
    assertThat(database.texts("select 1 where to_regnamespace('howdah') is not null")).isEmpty();
  }

  @Test
  void aSchemaOfAnotherProductIsRefusedAndLeftAlone() throws SQLException {
    database.run("create schema howdah; create table howdah.elephant (id int)");

    assertThatExceptionOfType(SchemaException.class).isThrownBy(schema::install)
        .withMessageContaining("holds something else than Howdah").withMessageContaining(database.name());
    assertThatExceptionOfType(SchemaException.class).isThrownBy(() -> schema.uninstall(true));
    assertThat(database.texts("select relname from pg_class where relnamespace = 'howdah'::regnamespace"))
        .containsExactly("elephant");
  }

  @Test
  void aNewerSchemaIsRefused() throws SQLException {
    schema.install();
    database.run("insert into howdah.migration (number, name, checksum) values (9999, 'future', '')");

    assertThatExceptionOfType(SchemaException.class).isThrownBy(schema::install)
        .withMessageContaining("is of version 9999, this Howdah knows version " + Schema.version());
  }

  @Test
  void aMigrationThatWasAppliedWithAnotherTextIsRefused() throws SQLException {
    schema.install();
    database.run("update howdah.migration set checksum = 'other' where number = 1");

    assertThatExceptionOfType(SchemaException.class).isThrownBy(schema::install)
        .withMessageContaining("migration 0001_").withMessageContaining("another text");
    assertThat(schema.verify().changed()).singleElement().asString().startsWith("migration 0001_");
  }

  @Test
  void aRoleWithoutRightsIsToldWhatItNeedsAndAnOwnerOfAnEmptySchemaIsEnough() throws SQLException {
    String role = database.name() + "_role";
    SchemaDatabase.administer("create role " + role + " login password 'secret'");
    Schema asRole = Schema.of(as(role));

    assertThatExceptionOfType(SchemaException.class).isThrownBy(asRole::install)
        .withMessageContaining("role \"" + role + "\" may not create schema howdah")
        .withMessageContaining("grant create");

    database.run("create schema howdah authorization " + role);
    asRole.install();

    assertThat(asRole.verify().isClean()).isTrue();
    asRole.uninstall(false);
    assertThat(asRole.verify().version()).isZero();
  }

  @Test
  void thePrintedScriptDoesTheSame() throws SQLException {
    try (Connection connection = database.connect()) {
      Schema.run(connection, Schema.print());
      Schema.run(connection, Schema.print());
    }
    assertThat(schema.verify().isClean()).isTrue();
  }

  @Test
  void hostileDefaultsOfTheDatabaseDoNoHarm() throws SQLException {
    database.run(
        "create schema evil; create function evil.now() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$");
    for (String hostile : List.of("default_transaction_isolation = 'serializable'", "search_path = evil, pg_catalog",
        "check_function_bodies = on", "default_transaction_read_only = on")) {
      SchemaDatabase.administer("alter database " + database.name() + " set " + hostile);
    }

    schema.install();

    assertThat(schema.verify().isClean()).isTrue();
  }

  private PGSimpleDataSource as(String role) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(SchemaDatabase.url(database.name()));
    dataSource.setUser(role);
    dataSource.setPassword("secret");
    return dataSource;
  }
}
