package io.howdah.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the server of one data directory, after whatever the last owner of the directory left. */
final class Launcher {
  static final String HOST = "127.0.0.1";

  private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);
  private static final Duration READY = Duration.ofMinutes(5);
  private static final Duration LEFT_OVER = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final int RETRY_MILLIS = 50;
  private static final int PORTS_TRIED = 5;

  private final EmbeddedOptions options;
  private final DataDirectory directory;
  private final Binaries binaries;
  private final Privileges privileges;

  Launcher(EmbeddedOptions options, DataDirectory directory, Binaries binaries, Privileges privileges) {
    this.options = options;
    this.directory = directory;
    this.binaries = binaries;
    this.privileges = privileges;
  }

  /** A server that accepts connections. */
  record Started(ServerState state, ServerProcess process) {
  }

  DataDirectory directory() {
    return directory;
  }

  /** Makes the database if there is none yet, and starts. */
  Started firstStart() {
    ServerState state;
    if (Files.exists(directory.pgdata())) {
      requireOurs();
      state = directory.state()
          .orElseThrow(() -> new EmbeddedException(
              directory.root() + " holds a database but not its password; restore howdah.properties"))
          .ownedBy(ProcessHandle.current().pid());
      directory.write(state);
    } else {
      state = ServerState.create();
      directory.write(state);
      new Initdb(directory, binaries, privileges).run(state);
    }
    return start(state, false);
  }

  private void requireOurs() {
    Path versionFile = directory.pgdata().resolve("PG_VERSION");
    try {
      String version = Files.readString(versionFile).strip();
      if (!version.equals(Integer.toString(binaries.major()))) {
        throw new EmbeddedException("data directory " + directory.root() + " belongs to PostgreSQL " + version
            + ", the binaries are PostgreSQL " + binaries.major()
            + "; use the binaries of that version, or export the data and import it into a new directory");
      }
      Object owner = Files.getAttribute(directory.pgdata(), "unix:uid", LinkOption.NOFOLLOW_LINKS);
      Object self = privileges.needsOtherOwner()
          ? Integer.valueOf(privileges.uid())
          : Files.getAttribute(directory.root().resolve("lock"), "unix:uid");
      if (!owner.equals(self)) {
        throw new EmbeddedException(
            "data directory " + directory.root() + " belongs to " + Files.getOwner(directory.pgdata())
                + " and PostgreSQL would run as user " + self + "; start as its owner, or choose another directory");
      }
    } catch (IOException e) {
      throw EmbeddedException.of("read " + versionFile, e);
    }
  }

  /** @param keepPort whether another port than the state's is out of the question */
  Started start(ServerState last, boolean keepPort) {
    long before = System.nanoTime();
    endLeftOver();
    boolean fixed = keepPort || options.port() > 0;
    int port = options.port() > 0 ? options.port() : last.port();
    for (int attempt = 1;; attempt++) {
      if (fixed && !Ports.isFree(port)) {
        throw portInUse(port);
      }
      ServerState state = last.at(port > 0 && Ports.isFree(port) ? port : Ports.free());
      Optional<ServerProcess> process = launch(state);
      if (process.isPresent()) {
        LOG.info("PostgreSQL {} listens on {}:{}, data in {}, started in {} ms", binaries.major(), HOST, state.port(),
            directory.root(), (System.nanoTime() - before) / 1_000_000);
        return new Started(state, process.get());
      }
      if (fixed || attempt == PORTS_TRIED) {
        throw portInUse(state.port());
      }
      port = 0;
    }
  }

  private static EmbeddedException portInUse(int port) {
    return new EmbeddedException("port " + port + " is in use on " + HOST + "; stop what uses it, or choose another");
  }

  /** The server of a former owner that was killed is being stopped by its guard just now, or the guard is gone too. */
  private void endLeftOver() {
    Optional<ProcessHandle> server = PostmasterFile.read(directory.pgdata()).flatMap(PostmasterFile::server);
    if (server.isEmpty()) {
      return;
    }
    LOG.info("waiting for the former PostgreSQL on {} (pid {}) to end", directory.root(), server.get().pid());
    Command.run(List.of("sh", "-c", "kill -s INT \"$1\"", "sh", Long.toString(server.get().pid())), directory.root());
    if (!hasEnded(server.get(), LEFT_OVER)) {
      server.get().destroyForcibly();
      if (!hasEnded(server.get(), LEFT_OVER)) {
        throw new EmbeddedException("the former PostgreSQL on " + directory.root() + ", process " + server.get().pid()
            + ", does not end; end it, or choose another directory");
      }
    }
  }

  private static boolean hasEnded(ProcessHandle process, Duration bound) {
    try {
      process.onExit().get(bound.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while waiting for a former PostgreSQL to end", e);
    }
  }

  /** Empty when the port was taken. */
  private Optional<ServerProcess> launch(ServerState state) {
    Instant retryUntil = Instant.now().plus(LEFT_OVER);
    try {
      DefaultSettings.write(directory.pgdata(), options.durable(), privileges);
      ServerLog log = new ServerLog(directory.logFile());
      while (true) {
        ServerProcess process = ServerProcess.start(description(state), privileges, log);
        if (awaitReady(process, state)) {
          return Optional.of(process);
        }
        String said = String.join("\n", log.lastLines());
        if (said.contains("Address already in use")) {
          return Optional.empty();
        }
        // Processes of a server that was killed may live a moment longer than its first one.
        boolean leftOver = said.contains("is still in use") || said.contains("already exists");
        if (!leftOver || Instant.now().isAfter(retryUntil)) {
          throw new EmbeddedException("PostgreSQL does not start on " + directory.root() + ": "
              + Complaint.in(log.lastLines()) + "; its log is " + log.file());
        }
        log.forget();
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while processes of a former PostgreSQL ended", e);
    } catch (IOException e) {
      throw EmbeddedException.of("start PostgreSQL on " + directory.root(), e);
    }
  }

  private ServerProcess.Launch description(ServerState state) {
    long deadPid = PostmasterFile.read(directory.pgdata()).filter(PostmasterFile::numberIsReused)
        .map(PostmasterFile::pid).orElse(-1L);
    return new ServerProcess.Launch(command(state.port()), directory.root(), directory.isTemporary(), deadPid);
  }

  /** False when the server ended instead. Nothing that goes wrong here leaves a server behind. */
  private boolean awaitReady(ServerProcess process, ServerState state) {
    try {
      Instant deadline = Instant.now().plus(READY);
      long pid = process.pid();
      while (!process.awaitEnd(POLL)) {
        if (PostmasterFile.read(directory.pgdata()).filter(file -> file.ready() && file.pid() == pid).isPresent()) {
          directory.write(state);
          return true;
        }
        if (Thread.currentThread().isInterrupted() || Instant.now().isAfter(deadline)) {
          throw new EmbeddedException("PostgreSQL on " + directory.root() + " was not ready within " + READY.toMinutes()
              + " minutes, or the wait was interrupted; see the log in it");
        }
      }
      return false;
    } catch (RuntimeException e) {
      process.stop(directory.isTemporary());
      throw e;
    }
  }

  private List<String> command(int port) {
    List<String> words = new ArrayList<>(List.of(binaries.executable("postgres"), "-D", directory.pgdata().toString()));
    options.settings().forEach((name, value) -> words.addAll(List.of("-c", name + "=" + value)));
    words.addAll(List.of("-c", "listen_addresses=" + HOST, "-c", "port=" + port, "-c", "unix_socket_directories=", "-c",
        "logging_collector=off", "-c", "log_destination=stderr"));
    return words;
  }
}
