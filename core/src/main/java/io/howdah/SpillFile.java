package io.howdah;

import io.howdah.internal.codec.SpillText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps messages that could not be published as JSON lines, which {@code howdah publish --envelopes --file FILE} publishes,
 * each once. The file is made with the first of them, for its owner only, and is on the disk when the futures fail; the log
 * gets its name and a count, never a payload. Safe for several threads and publishers.
 */
public final class SpillFile implements FailureListener {

  private static final Logger LOG = LoggerFactory.getLogger(SpillFile.class);

  private final Path directory;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Path file; // guarded by lock

  private SpillFile(Path directory) {
    this.directory = directory;
  }

  /** Files in this directory, which is made if it is not there. */
  public static SpillFile in(Path directory) {
    return new SpillFile(Objects.requireNonNull(directory, "directory").toAbsolutePath());
  }

  /** Where the messages are that this has kept; null if there were none. */
  public @Nullable Path file() {
    lock.lock();
    try {
      return file;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Keeps them.
   *
   * @throws UncheckedIOException
   *           if they cannot be written
   */
  @Override
  public void failed(List<Unpublished> messages) {
    StringBuilder lines = new StringBuilder();
    messages.forEach(message -> SpillText.append(message, lines));
    lock.lock();
    try {
      Path written = write(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
      LOG.warn("{} messages for \"{}\" were not published ({}) and are kept in {}", messages.size(),
          messages.getFirst().stream(), messages.getFirst().reason().code(), written);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.unlock();
    }
  }

  private Path write(ByteBuffer lines) throws IOException {
    Path known = file;
    if (known != null) {
      try (FileChannel channel = FileChannel.open(known, StandardOpenOption.APPEND)) {
        append(channel, lines);
        return known;
      } catch (NoSuchFileException e) {
        LOG.debug("{} was taken away; another one is begun", known);
      }
    }
    Files.createDirectories(directory, only("rwx------"));
    Path fresh = directory.resolve("howdah-spill-" + UUID.randomUUID() + ".jsonl");
    Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(fresh, options, only("rw-------"))) {
      append(channel, lines);
    }
    file = fresh;
    return fresh;
  }

  private static void append(FileChannel channel, ByteBuffer lines) throws IOException {
    while (lines.hasRemaining()) {
      channel.write(lines);
    }
    channel.force(true);
  }

  private FileAttribute<?>[] only(String permissions) {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[]{PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
        : new FileAttribute<?>[0];
  }
}
