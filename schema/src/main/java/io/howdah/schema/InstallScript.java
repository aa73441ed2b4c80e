package io.howdah.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The steps of an installation, in order. {@link Schema#install()} sends them
 * one by one over JDBC, {@link Schema#print()} writes them down for psql: there
 * is one way to install, so the two cannot differ.
 *
 * <p>
 * All steps run in one transaction. Installers of one database wait for one
 * another behind an advisory lock; READ COMMITTED, because the one that waited
 * must see what the other has done. The checks come before the first change,
 * and each migration looks in the bookkeeping table whether it has run. The
 * search path is pinned, so that no table or operator of another schema can
 * slip in.
 */
final class InstallScript {
  /** A statement, or several, and the words by which an error names it. */
  record Step(String label, String sql) {
  }

  static final String TRANSACTION = "isolation level read committed, read write";
  /** "howdah" in ASCII. */
  private static final long INSTALLER_LOCK = 0x686f77646168L;
  private static final int OLDEST_SERVER = 150000;
  private static final String QUOTE = "$howdah_step$";
  private static final String MIGRATION_QUOTE = "$howdah_migration$";

  /** Makes the transaction the only installer of its database. */
  static final String SETTINGS = """
      set local client_min_messages = warning;
      set local search_path = pg_catalog, pg_temp;
      set local check_function_bodies = off;
      set local statement_timeout = 0;
      set local lock_timeout = '5min';
      do $$ begin perform pg_advisory_xact_lock(%d); end $$;
      set local lock_timeout = '10s';
      """.formatted(INSTALLER_LOCK);

  private static final String SERVER_CHECK = """
      if current_setting('server_version_num')::int < %d then
        raise exception 'PostgreSQL %% is too old: Howdah needs PostgreSQL 15 or newer',
            current_setting('server_version') using errcode = 'HD426';
      end if;
      """.formatted(OLDEST_SERVER);

  /**
   * A schema that somebody made for us beforehand is empty or has our bookkeeping
   * table; any other is not ours.
   */
  private static final String OWNER_CHECK = """
      select n.oid, r.rolname into namespace, owner_name
        from pg_namespace n join pg_roles r on r.oid = n.nspowner where n.nspname = 'howdah';
      if namespace is null then
        if not has_database_privilege(current_database(), 'create') then
          raise exception 'role "%" may not create schema howdah in database "%"', current_user, current_database()
              using errcode = '42501', hint = format('grant create on database %I to %I', current_database(), current_user);
        end if;
        create schema howdah;
      elsif not pg_has_role(owner_name, 'usage') then
        raise exception 'schema howdah in database "%" belongs to role "%", not to "%"', current_database(), owner_name, current_user
            using errcode = '42501', hint = format('install as role %I', owner_name);
      elsif to_regclass('howdah.migration') is null
          and (exists (select from pg_class where relnamespace = namespace)
            or exists (select from pg_proc where pronamespace = namespace)
            or exists (select from pg_type where typnamespace = namespace)) then
        raise exception 'schema howdah in database "%" holds something else than Howdah', current_database()
            using errcode = 'HD409', hint = 'use another database, or rename that schema';
      end if;
      """;

  private static final String BOOKKEEPING = """
      create table if not exists howdah.migration (
        number int primary key,
        name text not null,
        checksum text not null,
        at timestamptz not null default clock_timestamp());
      """;

  private final SchemaFiles files;

  InstallScript(SchemaFiles files) {
    this.files = files;
  }

  /** The steps between begin and commit. */
  List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    steps.add(new Step("the installer's lock", SETTINGS));
    steps.add(new Step("the check of the server and schema",
        block("declare namespace oid; owner_name name;", SERVER_CHECK + OWNER_CHECK)));
    steps.add(new Step("the table howdah.migration", BOOKKEEPING));
    steps.add(new Step("the check of the migrations", block("declare applied record;", historyCheck())));
    files.migrations().forEach(migration -> steps.add(new Step(migration.label(), migrate(migration))));
    files.functions().forEach(function -> steps.add(new Step(function.path(), terminated(function.sql()))));
    steps.add(new Step("grants.sql", terminated(files.grants())));
    return steps;
  }

  String print() {
    String head = """
        -- Howdah, schema version %d: installs or upgrades schema howdah in one transaction, all or nothing.
        -- Run it with: psql --set ON_ERROR_STOP=1 --file THIS_FILE
        begin %s;
        """.formatted(files.version(), TRANSACTION);
    return steps().stream().map(step -> "\n-- " + step.label() + "\n" + step.sql())
        .collect(Collectors.joining("", head, "\ncommit;\n"));
  }

  private String historyCheck() {
    String known = files.migrations().stream()
        .map(migration -> "(%d, '%s')".formatted(migration.number(), migration.checksum()))
        .collect(Collectors.joining(",\n    ", "(0, '')" + (files.migrations().isEmpty() ? "" : ",\n    "), ""));
    return """
        if (select max(number) from howdah.migration) > %d then
          raise exception 'schema howdah in database "%%" is of version %%, this Howdah knows version %d',
              current_database(), (select max(number) from howdah.migration)
              using errcode = 'HD426', hint = 'use the Howdah that installed it, or a newer one';
        end if;
        for applied in select m.number, m.name, m.checksum as found, k.checksum as expected
            from howdah.migration m left join (values %s) as k (number, checksum) using (number) order by m.number loop
          if applied.expected is distinct from applied.found then
            raise exception 'migration %%_%% in database "%%" was applied with another text than this Howdah has',
                to_char(applied.number, 'FM0000'), applied.name, current_database()
                using errcode = 'HD426', hint = 'use the Howdah that installed it';
          end if;
        end loop;
        """.formatted(files.version(), files.version(), known);
  }

  private static String migrate(Migration migration) {
    if (migration.sql().contains(MIGRATION_QUOTE) || migration.sql().contains(QUOTE)) {
      throw new SchemaException(migration.label() + " must not use the quotes " + MIGRATION_QUOTE + " and " + QUOTE,
          null);
    }
    return block("", """
        if exists (select from howdah.migration where number = %d) then
          return;
        end if;
        execute %s
        %s
        %s;
        insert into howdah.migration (number, name, checksum) values (%d, '%s', '%s');
        """.formatted(migration.number(), MIGRATION_QUOTE, migration.sql(), MIGRATION_QUOTE, migration.number(),
        migration.name(), migration.checksum()));
  }

  private static String block(String declarations, String statements) {
    return "do " + QUOTE + "\n" + declarations + "\nbegin\n" + statements + "end " + QUOTE + ";\n";
  }

  private static String terminated(String sql) {
    String text = sql.strip();
    return text.isEmpty() || text.endsWith(";") ? text + "\n" : text + ";\n";
  }
}
