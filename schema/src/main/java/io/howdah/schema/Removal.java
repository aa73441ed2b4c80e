package io.howdah.schema;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Drops the schema, if nothing of value hangs on it. Single use. */
final class Removal {
  private static final String WAITING = """
      select format('%s (%s ready, %s in flight, %s scheduled)', subscription, ready, in_flight, scheduled)
      from howdah.stats() where ready + in_flight + scheduled > 0 order by subscription limit 5
      """;

  /**
   * Views, functions, constraints … of other schemas that the drop would take
   * along.
   */
  private static final String DEPENDENTS = """
      with ours as (
        select 'pg_class'::regclass as classid, oid from pg_class where relnamespace = 'howdah'::regnamespace
        union all select 'pg_proc'::regclass, oid from pg_proc where pronamespace = 'howdah'::regnamespace
        union all select 'pg_type'::regclass, oid from pg_type where typnamespace = 'howdah'::regnamespace)
      select distinct o.type || ' ' || o.identity
      from ours join pg_depend d on d.refclassid = ours.classid and d.refobjid = ours.oid
      cross join lateral pg_identify_object(d.classid, d.objid, 0) o
      where d.deptype in ('n', 'a') and o.schema is distinct from 'howdah' and o.identity !~ '(^|on |for )howdah\\.'
      order by 1 limit 5
      """;

  private final Connection connection;
  private final boolean force;

  Removal(Connection connection, boolean force) {
    this.connection = connection;
    this.force = force;
  }

  /** Whether there was a schema to drop. */
  boolean run() throws SQLException {
    Schema.run(connection, InstallScript.SETTINGS);
    if (Schema.texts(connection, "select 1 where to_regnamespace('howdah') is not null").isEmpty()) {
      return false;
    }
    if (!Comparison.isInstalled(connection)) {
      throw new SchemaException("schema howdah holds something else than Howdah; nothing was dropped", null);
    }
    if (!force) {
      refuse("messages wait in ", Schema.texts(connection, WAITING), "consume them first");
      refuse("other objects depend on it: ", Schema.texts(connection, DEPENDENTS), "drop them first");
    }
    Schema.run(connection, "drop schema howdah cascade");
    return true;
  }

  private static void refuse(String what, List<String> which, String advice) {
    if (!which.isEmpty()) {
      throw new SchemaException(
          "cannot uninstall schema howdah: %s%s; %s, or force it".formatted(what, String.join(", ", which), advice),
          null);
    }
  }
}
