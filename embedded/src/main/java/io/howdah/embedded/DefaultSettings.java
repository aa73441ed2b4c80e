package io.howdah.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The settings an embedded server has unless its owner says otherwise. They stand in `howdah.conf`, written anew at
 * every start; `postgresql.conf` includes it and is its owner's to extend. Options of the start win over both.
 */
final class DefaultSettings {
  private static final String INCLUDED = "howdah.conf";

  private DefaultSettings() {
  }

  /** Puts our own short `postgresql.conf` in place of initdb's. */
  static void install(Path pgdata, Privileges privileges) throws IOException {
    replace(pgdata.resolve("postgresql.conf"), """
        # Howdah's defaults, written anew at every start.
        include '%s'
        # Your own settings go below; they win.
        """.formatted(INCLUDED), privileges);
  }

  static void write(Path pgdata, boolean durable, Privileges privileges) throws IOException {
    StringBuilder text = new StringBuilder("# Written at every start; change postgresql.conf instead.\n");
    settings(durable).forEach((name, value) -> text.append(name).append(" = '").append(value).append("'\n"));
    replace(pgdata.resolve(INCLUDED), text.toString(), privileges);
  }

  private static void replace(Path file, String text, Privileges privileges) throws IOException {
    PrivateFiles.replace(file, text);
    privileges.give(file);
  }

  private static Map<String, String> settings(boolean durable) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("max_connections", "200");
    settings.put("shared_buffers", "128MB");
    settings.put("max_wal_size", "4GB");
    settings.put("max_prepared_transactions", "16"); // for XA
    settings.put("password_encryption", "scram-sha-256");
    settings.put("timezone", "UTC");
    settings.put("log_timezone", "UTC");
    settings.put("datestyle", "ISO, YMD");
    settings.put("default_text_search_config", "pg_catalog.simple");
    settings.put("log_line_prefix", "%m [%p] ");
    quiet(settings);
    if (!durable) {
      settings.put("fsync", "off");
      settings.put("full_page_writes", "off");
      settings.put("log_checkpoints", "off");
    }
    return settings;
  }

  /** No payload in the log: neither statements nor their parameters, nor details and contexts, which quote them. */
  private static void quiet(Map<String, String> settings) {
    settings.put("log_statement", "none");
    settings.put("log_min_error_statement", "panic");
    settings.put("log_min_duration_statement", "-1");
    settings.put("log_parameter_max_length", "0");
    settings.put("log_parameter_max_length_on_error", "0");
    settings.put("log_error_verbosity", "terse");
  }
}
