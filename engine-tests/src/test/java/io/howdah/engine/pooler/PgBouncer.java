package io.howdah.engine.pooler;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.engine.faults.Patience;
import io.howdah.testkit.TestDatabase;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A PgBouncer in transaction mode before one database; on the loopback, without a password. */
final class PgBouncer implements AutoCloseable {
  private static final int SERVER_CONNECTIONS = 4;

  private final Process process;
  private final int port;
  private final TestDatabase database;

  private PgBouncer(Process process, int port, TestDatabase database) {
    this.process = process;
    this.port = port;
    this.database = database;
  }

  /** Starts it, and returns when it takes connections; skips the test where pgbouncer is not installed. */
  static PgBouncer start(TestDatabase database, Path directory) throws IOException {
    Optional<Path> program = find();
    assumeTrue(program.isPresent(), "needs pgbouncer on the PATH (Debian package pgbouncer)");
    int port = freePort();
    Path file = directory.resolve("pgbouncer.ini");
    Files.writeString(file, configuration(database.server().postgres(), database.name(), port));
    List<String> command = new ArrayList<>(List.of(program.get().toString(), file.toString()));
    if ("root".equals(System.getProperty("user.name"))) {
      command.addAll(1, List.of("-u", "nobody")); // it refuses to run as root
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile()).start();
    PgBouncer pooler = new PgBouncer(process, port, database);
    Patience.until("PgBouncer takes connections", pooler::answers);
    return pooler;
  }

  private static Optional<Path> find() {
    return Stream.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator, -1)), Stream.of("/usr/sbin"))
        .map(directory -> Path.of(directory, "pgbouncer")).filter(Files::isExecutable).findFirst();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String configuration(EmbeddedPostgres postgres, String database, int port) {
    return """
        [databases]
        %s = host=%s port=%d user=%s password=%s
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = any
        pool_mode = transaction
        default_pool_size = %d
        ignore_startup_parameters = extra_float_digits
        """.formatted(database, postgres.host(), postgres.port(), postgres.user(), postgres.password(), port,
        SERVER_CONNECTIONS);
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      if (!process.isAlive()) {
        throw new AssertionError("PgBouncer has ended with " + process.exitValue(), e);
      }
      return false;
    }
  }

  DataSource dataSource() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setServerNames(new String[]{"127.0.0.1"});
    dataSource.setPortNumbers(new int[]{port});
    dataSource.setDatabaseName(database.name());
    dataSource.setUser("anybody");
    return dataSource;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
