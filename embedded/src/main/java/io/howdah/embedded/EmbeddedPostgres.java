package io.howdah.embedded;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server that belongs to this process: it listens on 127.0.0.1 only, asks for a password, and ends with
 * this process however that ends. Thread-safe.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);

  private final Launcher launcher;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Launcher.Started started;
  private boolean closed;

  private EmbeddedPostgres(Launcher launcher, Launcher.Started started) {
    this.launcher = launcher;
    this.started = started;
  }

  /**
   * Starts a server and returns when it accepts connections. The first start of all unpacks the binaries into the
   * user's cache; the first start on a directory makes the database.
   *
   * @throws EmbeddedException when that is not possible; its message says why and what to do
   */
  public static EmbeddedPostgres start(EmbeddedOptions options) {
    return start(options, Privileges.detect());
  }

  static EmbeddedPostgres start(EmbeddedOptions options, Privileges privileges) {
    DataDirectory directory = DataDirectory.open(options);
    try {
      Binaries binaries = BinariesCache.of(options, privileges).unpacked(Archive.find(options.binaries()));
      Launcher launcher = new Launcher(options, directory, binaries, privileges);
      return new EmbeddedPostgres(launcher, launcher.firstStart());
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** The server that some process runs on this data directory now, if there is one and it answers. */
  public static Optional<RunningPostgres> find(Path dataDirectory) {
    return ServerSearch.find(dataDirectory);
  }

  /** Always 127.0.0.1. */
  public String host() {
    return Launcher.HOST;
  }

  public int port() {
    return started.state().port();
  }

  /** The superuser. */
  public String user() {
    return started.state().user();
  }

  /** The superuser's password: random, and the same at every start of a durable server. */
  public String password() {
    return started.state().password();
  }

  /** A complete URL of one of its databases, password included: not for logs. `postgres` always exists. */
  public String jdbcUrl(String database) {
    return running().jdbcUrl(database);
  }

  /** Unpooled connections to one of its databases; `postgres` always exists. */
  public DataSource dataSource(String database) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[]{host()});
    source.setPortNumbers(new int[]{port()});
    source.setDatabaseName(database);
    source.setUser(user());
    source.setPassword(password());
    return source;
  }

  /** The directory that holds all of it: the options' directory, or the temporary one. */
  public Path dataDirectory() {
    return launcher.directory().root();
  }

  /** The process id of the server's first process; the last one when it does not run. */
  public long postmasterPid() {
    return started.process().pid();
  }

  public boolean isRunning() {
    return started.process().isAlive();
  }

  /** Ends all processes of the server by SIGKILL: what it had not made durable is lost. For tests. */
  public void kill() {
    lock.lock();
    try {
      started.process().kill();
    } finally {
      lock.unlock();
    }
  }

  /** Stops the server, if it still runs, and starts it again on the same data and the same port. */
  public void restart() {
    lock.lock();
    try {
      if (closed) {
        throw new EmbeddedException("the embedded PostgreSQL on " + dataDirectory() + " is closed");
      }
      started.process().stop(false);
      started = launcher.start(started.state(), true);
    } finally {
      lock.unlock();
    }
  }

  /** Stops the server, cutting its connections; a temporary data directory is removed. Idempotent. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      started.process().stop(launcher.directory().isTemporary());
      launcher.directory().close();
      LOG.debug("PostgreSQL on {} has stopped", dataDirectory());
    } finally {
      lock.unlock();
    }
  }

  private RunningPostgres running() {
    return new RunningPostgres(host(), port(), user(), password(), postmasterPid());
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "PostgreSQL at " + host() + ":" + port() + " on " + dataDirectory();
  }
}
