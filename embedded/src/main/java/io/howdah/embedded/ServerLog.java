package io.howdah.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's log: a file of bounded size and its predecessor. It is written here and not by PostgreSQL, whose own
 * collector bounds the size of a file but not their number. The last lines also stay in memory, to say why a start
 * failed. One thread writes, the one that reads the server's output; any may ask for the last lines.
 */
final class ServerLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerLog.class);
  static final long MAX_BYTES = 8L << 20;
  private static final int KEPT_LINES = 40;

  private final Path file;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<String> last = new ArrayDeque<>();

  // Owned by the writing thread.
  private OutputStream out = OutputStream.nullOutputStream();
  private long size = Long.MAX_VALUE;
  private boolean failed;

  ServerLog(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  /** Writes a line. A full disk loses lines; it must not stop the server, which waits for this. */
  void append(String line) {
    remember(line);
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      if (size > MAX_BYTES - bytes.length) {
        out.close();
        out = open();
        size = Files.size(file);
      }
      out.write(bytes);
      size += bytes.length;
    } catch (IOException e) {
      reportOnce(e);
    }
  }

  /** Closes the file; it opens again with the next line. */
  @Override
  public void close() {
    try {
      size = Long.MAX_VALUE;
      out.close();
    } catch (IOException e) {
      reportOnce(e);
    }
  }

  private OutputStream open() throws IOException {
    if (Files.exists(file) && Files.size(file) > MAX_BYTES / 2) {
      Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
    }
    return Channels.newOutputStream(
        Files.newByteChannel(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), PrivateFiles.FILE));
  }

  private void reportOnce(IOException e) {
    if (!failed) {
      failed = true;
      LOG.warn("cannot write {}: {}; lines of the server's log are lost", file, e.getMessage());
    }
  }

  private void remember(String line) {
    lock.lock();
    try {
      if (last.size() == KEPT_LINES) {
        last.removeFirst();
      }
      last.addLast(line);
    } finally {
      lock.unlock();
    }
  }

  void forget() {
    lock.lock();
    try {
      last.clear();
    } finally {
      lock.unlock();
    }
  }

  List<String> lastLines() {
    lock.lock();
    try {
      return List.copyOf(last);
    } finally {
      lock.unlock();
    }
  }
}
