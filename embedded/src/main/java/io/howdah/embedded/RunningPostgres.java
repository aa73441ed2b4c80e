package io.howdah.embedded;

/**
 * Where a running embedded PostgreSQL is, and how to log on to it.
 *
 * @param host the address it listens on
 * @param port the port it listens on
 * @param user its superuser
 * @param password the superuser's password
 * @param postmasterPid the process id of its first process
 */
public record RunningPostgres(String host, int port, String user, String password, long postmasterPid) {

  /** A complete URL of one of its databases, password included: not for logs. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database + "?user=" + user + "&password=" + password;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "PostgreSQL at " + host + ":" + port + ", pid " + postmasterPid;
  }
}
