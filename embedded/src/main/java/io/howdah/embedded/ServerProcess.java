package io.howdah.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server and the guard that runs it.
 *
 * A server must never outlive the process that started it, however that ended: the next start would find the data in
 * use, and a test would leave a server behind. A shutdown hook does not run at `kill -9`. So a small shell script,
 * guard.sh, starts the server and holds the reading end of a pipe whose writing end only this process has. The kernel
 * closes the pipe when this process is gone; then the guard stops the server. The same pipe carries the signals of an
 * ordinary stop, which Java cannot send itself. The guard and the server run in a session of their own where there is
 * `setsid`, so that Ctrl-C on a terminal reaches only their owner, which stops them in its own order.
 */
final class ServerProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ServerProcess.class);
  private static final String PID_LINE = "howdah-guard: ";
  private static final Duration FAST = Duration.ofSeconds(30);
  private static final Duration IMMEDIATE = Duration.ofSeconds(10);
  private static final Duration LAST_LINES = Duration.ofSeconds(5);
  private static final List<String> SETSID = Stream.of("/usr/bin/setsid", "/bin/setsid")
      .filter(path -> Files.isExecutable(Path.of(path))).limit(1).toList();

  private final Process guard;
  private final ServerLog log;
  private final CompletableFuture<Long> pid = new CompletableFuture<>();
  private final Thread reader;

  /**
   * @param server the command of the server
   * @param directory its working directory
   * @param temporary whether the directory goes with the server when the owner dies
   * @param deadPid a process id that the server must not take for a living server; -1: none
   */
  record Launch(List<String> server, Path directory, boolean temporary, long deadPid) {
  }

  private ServerProcess(Process guard, ServerLog log) {
    this.guard = guard;
    this.log = log;
    // A platform thread: it waits in a read that would hold a virtual thread's carrier for as long as the server runs.
    this.reader = Thread.ofPlatform().daemon().name("howdah-postgres-log").unstarted(this::readOutput);
  }

  static ServerProcess start(Launch launch, Privileges privileges, ServerLog log) {
    List<String> words = new ArrayList<>(SETSID);
    words.addAll(privileges.apply(List.of("sh", "-c", script(), "howdah-guard", launch.temporary() ? "QUIT" : "INT",
        launch.temporary() ? launch.directory().toString() : "")));
    words.addAll(launch.server());
    ProcessBuilder builder = Command.builder(words, launch.directory());
    if (launch.deadPid() > 0) {
      builder.environment().put("PG_GRANDPARENT_PID", Long.toString(launch.deadPid()));
    }
    try {
      ServerProcess process = new ServerProcess(builder.start(), log);
      process.reader.start();
      return process;
    } catch (IOException e) {
      throw EmbeddedException.of("start PostgreSQL", e);
    }
  }

  private static String script() {
    try (InputStream in = ServerProcess.class.getResourceAsStream("guard.sh")) {
      if (in == null) {
        throw new IllegalStateException("guard.sh is not beside its class");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw EmbeddedException.of("read guard.sh", e);
    }
  }

  private void readOutput() {
    try (BufferedReader lines = guard.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(PID_LINE)) {
          pid.complete(Long.valueOf(line.substring(PID_LINE.length())));
        } else {
          log.append(line);
        }
      }
    } catch (IOException e) {
      LOG.debug("the output of the server ended: {}", e.getMessage());
    } finally {
      pid.complete(-1L);
      log.close();
    }
  }

  /** The server's process id; -1 when the guard could not start it. */
  long pid() {
    try {
      return pid.get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while PostgreSQL started", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new EmbeddedException("the guard of PostgreSQL did not answer", e);
    }
  }

  boolean isAlive() {
    return guard.isAlive();
  }

  /**
   * Waits until the server has ended and everything it wrote is in the log; false when it still runs. An interrupt does
   * not cut the wait short, because a stop must be seen to its end; it stays pending.
   */
  boolean awaitEnd(Duration bound) {
    long deadline = System.nanoTime() + bound.toNanos();
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          if (!guard.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            return false;
          }
          reader.join(LAST_LINES);
          return true;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Stops the server: connections are cut and everything is written; if that takes too long, at once. */
  void stop(boolean keepNothing) {
    if (!keepNothing) {
      signal("INT");
      if (awaitEnd(FAST)) {
        return;
      }
      LOG.warn("PostgreSQL (pid {}) did not stop within {} s; it is stopped at once", pid(), FAST.toSeconds());
    }
    signal("QUIT");
    if (!awaitEnd(IMMEDIATE)) {
      kill();
    }
  }

  private void signal(String name) {
    try {
      OutputStream out = guard.getOutputStream();
      out.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
      out.flush();
    } catch (IOException e) {
      LOG.debug("the guard is gone: {}", e.getMessage());
    }
  }

  /**
   * SIGKILL for the server and all its processes, as a machine that fails would do it. The first process is stopped
   * before the others are listed: one that it forks after that would outlive them all, wait for ever for a lock that
   * one of them had, and keep the shared memory from the next server.
   */
  void kill() {
    ProcessHandle.of(pid()).ifPresent(server -> {
      Command.run(List.of("sh", "-c", "kill -s STOP \"$1\"", "sh", Long.toString(server.pid())), Path.of("/"));
      List<ProcessHandle> children = server.children().toList();
      server.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
    });
    if (!awaitEnd(IMMEDIATE)) {
      throw new EmbeddedException("PostgreSQL (pid " + pid() + ") does not end, not even by SIGKILL");
    }
  }
}
