package io.howdah.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that holds a PostgreSQL of ours, and the lock by which one process at a time owns it.
 *
 * The lock is the file system's, so it goes with the process however that ends. The file is opened once per process:
 * closing any other channel to it would drop the lock (that is what POSIX promises), so starts within one process are
 * kept apart by a set, and who wants to know the owner reads the state file.
 */
final class DataDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();
  private static final String TEMPORARY = "howdah-pg-";
  private static final String STATE = "howdah.properties";
  private static final Set<String> BEFORE_STATE = Set.of("lock", STATE + ".new");

  private final Path root;
  private final boolean temporary;
  private final FileChannel channel;

  private DataDirectory(Path root, boolean temporary, FileChannel channel) {
    this.root = root;
    this.temporary = temporary;
    this.channel = channel;
  }

  static DataDirectory open(EmbeddedOptions options) {
    Path path = options.directory();
    try {
      if (options.durable()) {
        refuseForeign(path);
        if (!Files.isDirectory(path)) {
          Files.createDirectories(path, PrivateFiles.DIRECTORY);
        }
        PrivateFiles.closeToOthers(path);
        return lock(path.toRealPath(), false);
      }
      if (!Files.isDirectory(path)) {
        Files.createDirectories(path);
      }
      Path parent = path.toRealPath();
      AbandonedDirectories.remove(parent, TEMPORARY, HELD::contains);
      return lock(Files.createTempDirectory(parent, TEMPORARY, PrivateFiles.DIRECTORY), true);
    } catch (IOException e) {
      throw EmbeddedException.of("use data directory " + path, e);
    }
  }

  private static void refuseForeign(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    if (!Files.isDirectory(path)) {
      throw new EmbeddedException("data directory " + path + " is a file; choose another directory");
    }
    try (Stream<Path> entries = Files.list(path)) {
      List<String> names = entries.map(entry -> entry.getFileName().toString()).toList();
      if (!names.contains(STATE) && !BEFORE_STATE.containsAll(names)) {
        throw new EmbeddedException(
            "data directory " + path + " holds other things (" + names.getFirst() + "); choose another directory");
      }
    }
  }

  private static DataDirectory lock(Path root, boolean temporary) throws IOException {
    if (!HELD.add(root)) {
      throw inUse(root, ProcessHandle.current().pid());
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(root.resolve("lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
          PrivateFiles.FILE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new DataDirectory(root, temporary, channel);
      }
      throw inUse(root, ServerState.read(root.resolve(STATE)).map(ServerState::ownerPid).orElse(-1L));
    } catch (IOException | OverlappingFileLockException | EmbeddedException e) {
      HELD.remove(root);
      if (channel != null) {
        channel.close();
      }
      throw e;
    }
  }

  private static EmbeddedException inUse(Path root, long pid) {
    return new EmbeddedException("data directory " + root + " is in use by "
        + (pid < 0 ? "another process" : "process " + pid) + "; stop it first, or choose another directory");
  }

  /** The state of the directory at `path`, if it is one of ours. Takes no lock. */
  static Optional<ServerState> stateOf(Path path) {
    return ServerState.read(path.resolve(STATE));
  }

  static Path pgdataOf(Path path) {
    return path.resolve("pgdata");
  }

  Path root() {
    return root;
  }

  boolean isTemporary() {
    return temporary;
  }

  Path pgdata() {
    return pgdataOf(root);
  }

  Optional<ServerState> state() {
    return stateOf(root);
  }

  void write(ServerState state) {
    state.write(root.resolve(STATE));
  }

  Path logFile() throws IOException {
    return Files.createDirectories(root.resolve("log"), PrivateFiles.DIRECTORY).resolve("postgresql.log");
  }

  /** Lets go of the directory; a temporary one is removed. */
  @Override
  public void close() {
    try {
      if (temporary) {
        PrivateFiles.removeTree(root);
      }
      channel.close();
    } catch (IOException e) {
      LOG.warn("cannot clean up {}: {}", root, e.getMessage());
    } finally {
      HELD.remove(root);
    }
  }
}
