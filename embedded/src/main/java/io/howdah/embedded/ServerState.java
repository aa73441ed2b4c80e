package io.howdah.embedded;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;

/**
 * What must outlive the process that owns a data directory: the password above all. A file that only its owner can
 * read, replaced as a whole.
 *
 * @param ownerPid the Java process that started the server last
 */
record ServerState(int port, String user, String password, long ownerPid) {
  static final String SUPERUSER = "howdah";

  static ServerState create() {
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    return new ServerState(0, SUPERUSER, HexFormat.of().formatHex(random), ProcessHandle.current().pid());
  }

  ServerState ownedBy(long pid) {
    return new ServerState(port, user, password, pid);
  }

  ServerState at(int newPort) {
    return new ServerState(newPort, user, password, ownerPid);
  }

  static Optional<ServerState> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
      return Optional.of(new ServerState(Integer.parseInt(need(properties, "port")), need(properties, "user"),
          need(properties, "password"), Long.parseLong(need(properties, "owner"))));
    } catch (IOException e) {
      throw EmbeddedException.of("read " + file, e);
    } catch (IllegalArgumentException e) {
      throw new EmbeddedException(file + " is damaged (" + e.getMessage() + "); restore it, without it the password of "
          + "the data beside it is lost", e);
    }
  }

  private static String need(Properties properties, String name) {
    String value = properties.getProperty(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }

  void write(Path file) {
    Properties properties = new Properties();
    properties.setProperty("port", Integer.toString(port));
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("owner", Long.toString(ownerPid));
    StringWriter text = new StringWriter();
    try {
      properties.store(text, "A Howdah data directory. Keep this file: it holds the database password.");
      PrivateFiles.replace(file, text.toString());
    } catch (IOException e) {
      throw EmbeddedException.of("write " + file, e);
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "port " + port + ", owner " + ownerPid;
  }
}
