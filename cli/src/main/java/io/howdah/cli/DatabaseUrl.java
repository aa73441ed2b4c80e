package io.howdah.cli;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a database is, and who enters: read from what psql takes ({@code postgresql://user:password@host/db?…}) and from
 * what JDBC takes ({@code jdbc:postgresql://host/db?user=…&password=…}), or any mixture. Its text never shows the password.
 */
record DatabaseUrl(String hosts, String database, List<String> parameters, @Nullable String user,
    @Nullable String password) {

  private static final Pattern SHAPE = Pattern.compile(
      "(?<jdbc>jdbc:)?postgres(ql)?://((?<login>[^/?#]*)@)?(?<hosts>[^/?#@]*)(/(?<database>[^?#]*))?(\\?(?<query>[^#]*))?");
  private static final int CONNECT_SECONDS = 10;

  /** Reads a URL; {@link IllegalArgumentException} says what a URL looks like, and never repeats what was given. */
  static DatabaseUrl parse(String text) {
    Matcher url = SHAPE.matcher(text.strip());
    if (!url.matches()) {
      throw new IllegalArgumentException("a database URL looks like postgresql://user:password@host:5432/database"
          + " or jdbc:postgresql://host:5432/database?user=…&password=…");
    }
    String login = url.group("login");
    int colon = login == null ? -1 : login.indexOf(':');
    String user = login == null ? null : decode(colon < 0 ? login : login.substring(0, colon), false);
    String password = login == null || colon < 0 ? null : decode(login.substring(colon + 1), false);
    boolean plusIsSpace = url.group("jdbc") != null;
    List<String> others = new ArrayList<>();
    for (String parameter : (url.group("query") == null ? "" : url.group("query")).split("&", -1)) {
      if (parameter.startsWith("user=")) {
        user = decode(parameter.substring("user=".length()), plusIsSpace);
      } else if (parameter.startsWith("password=")) {
        password = decode(parameter.substring("password=".length()), plusIsSpace);
      } else if (!parameter.isEmpty()) {
        others.add(plusIsSpace ? parameter : parameter.replace("+", "%2B"));
      }
    }
    String hosts = url.group("hosts");
    checkPorts(hosts);
    String database = url.group("database");
    return new DatabaseUrl(hosts.isEmpty() ? "localhost" : hosts, database == null ? "" : database, List.copyOf(others),
        user, password);
  }

  private static void checkPorts(String hosts) {
    for (String host : hosts.split(",", -1)) {
      int colon = host.startsWith("[") ? host.indexOf(':', host.indexOf(']') + 1) : host.indexOf(':');
      if (colon >= 0 && !host.substring(colon + 1).matches("[1-9][0-9]{0,4}")) {
        throw new IllegalArgumentException("the port in a database URL must be a number from 1 to 65535 but was \""
            + host.substring(colon + 1) + "\"");
      }
    }
  }

  private static String decode(String text, boolean plusIsSpace) {
    try {
      return URLDecoder.decode(plusIsSpace ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "a % in a database URL must be followed by two hexadecimal digits (%25 is a %)", e);
    }
  }

  /**
   * A complete URL for JDBC, password included: for the one line on stdout that a
   * user copies.
   */
  String forJdbc() {
    StringBuilder url = new StringBuilder("jdbc:postgresql://").append(hosts).append('/').append(database);
    char separator = '?';
    if (user != null) {
      url.append(separator).append("user=").append(URLEncoder.encode(user, StandardCharsets.UTF_8));
      separator = '&';
    }
    if (password != null) {
      url.append(separator).append("password=").append(URLEncoder.encode(password, StandardCharsets.UTF_8));
      separator = '&';
    }
    for (String parameter : parameters) {
      url.append(separator).append(parameter);
      separator = '&';
    }
    return url.toString();
  }

  /** Plain connections to it; each is opened when asked for. */
  PGSimpleDataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl("jdbc:postgresql://" + hosts + "/" + database
        + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters)));
    if (user != null) {
      source.setUser(user);
    }
    if (password != null) {
      source.setPassword(password);
    }
    if (!has("ApplicationName")) {
      source.setApplicationName("howdah");
    }
    if (!has("connectTimeout")) {
      source.setConnectTimeout(CONNECT_SECONDS);
    }
    source.setTcpKeepAlive(true);
    return source;
  }

  private boolean has(String parameter) {
    return parameters.stream()
        .anyMatch(each -> each.toLowerCase(Locale.ROOT).startsWith(parameter.toLowerCase(Locale.ROOT) + "="));
  }

  @Override
  public String toString() {
    return "postgresql://" + hosts + "/" + database;
  }
}
