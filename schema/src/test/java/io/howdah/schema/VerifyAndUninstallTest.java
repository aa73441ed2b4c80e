package io.howdah.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VerifyAndUninstallTest {
  private final SchemaDatabase database = new SchemaDatabase();
  private final Schema schema = Schema.of(database.dataSource());

  @BeforeEach
  void install() {
    schema.install();
  }

  @Test
  void aFunctionThatWasChangedDroppedOrAddedIsNamedAndInstalledAgain() throws SQLException {
    database.run(
        "create or replace function howdah.now() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$");
    database.run("drop function howdah.ring(text[])");
    database.run("create function howdah.claim(x point) returns int language sql as $$ select 1 $$");

    SchemaReport report = schema.verify();
    assertThat(report.isClean()).isFalse();
    assertThat(report.changed()).containsExactly("howdah.now()");
    assertThat(report.missing()).containsExactly("howdah.ring");
    assertThat(report.foreign()).containsExactly("howdah.claim(x point)");

    schema.install();
    assertThat(schema.verify().changed()).isEmpty();
    assertThat(schema.verify().missing()).isEmpty();
    assertThat(schema.verify().foreign()).as("what is not ours is left alone").containsExactly("howdah.claim(x point)");
  }

  @Test
  void nothingIsOpenToEverybody() throws SQLException {
    assertThat(database.texts("""
        select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'howdah'::regnamespace and has_function_privilege('public', p.oid, 'execute')"""))
        .isEmpty();
    assertThat(database.texts("select 1 where has_schema_privilege('public', 'howdah', 'usage')")).isEmpty();
  }

  @Test
  void uninstallRefusesWhileMessagesWaitUnlessForced() throws SQLException {
    database.run("select howdah.create_queue('orders'); select howdah.publish('orders', '1')");

    assertThatExceptionOfType(SchemaException.class).isThrownBy(() -> schema.uninstall(false))
        .withMessageContaining("orders (1 ready");
    schema.uninstall(true);

    assertThat(schema.verify().version()).isZero();
  }

  @Test
  void uninstallRefusesWhileAnotherSchemaDependsOnItUnlessForced() throws SQLException {
    database.run("create view public.queues as select * from howdah.stats()");

    assertThatExceptionOfType(SchemaException.class).isThrownBy(() -> schema.uninstall(false))
        .withMessageContaining("public.queues");
    database.run("drop view public.queues");
    schema.uninstall(false);
    schema.uninstall(false);
  }
}
