package io.howdah.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tukaani.xz.XZInputStream;

/**
 * The unpacked binaries, kept between runs in one directory per archive, named by the archive's checksum.
 *
 * Any number of processes may want the same archive at once, and each may be killed at any moment. So each unpacks into
 * a directory of its own, writes the marker last, and renames the whole into place; who comes second throws its copy
 * away. The marker says how many files and bytes there were: a machine that lost power after the rename may have a
 * complete directory of empty files, which is found that way and replaced.
 */
final class BinariesCache {
  private static final String MARKER = "complete";
  private static final String HALF = "unpacking-";
  private static final Duration ABANDONED = Duration.ofHours(1);

  private final Path directory;

  BinariesCache(Path directory) {
    this.directory = directory;
  }

  /** The cache that the options or the system's habits name. */
  static BinariesCache of(EmbeddedOptions options, Privileges privileges) {
    return new BinariesCache(options.cache().orElseGet(() -> {
      if (privileges.needsOtherOwner()) {
        return Path.of("/var/cache/howdah");
      }
      String home = System.getProperty("user.home");
      if (System.getProperty("os.name").startsWith("Mac")) {
        return Path.of(home, "Library", "Caches", "howdah");
      }
      return Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).filter(path -> path.startsWith("/")).map(Path::of)
          .orElse(Path.of(home, ".cache")).resolve("howdah");
    }).toAbsolutePath());
  }

  Binaries unpacked(Archive archive) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
        PrivateFiles.openToReaders(directory);
      }
      Path home = directory.resolve("postgresql-" + archive.checksum());
      if (!isWhole(home)) {
        removeAbandoned();
        unpack(archive, home);
      }
      return Binaries.at(home);
    } catch (IOException e) {
      throw EmbeddedException.of("unpack PostgreSQL into " + directory, e);
    }
  }

  private void unpack(Archive archive, Path home) throws IOException {
    Path half = Files.createTempDirectory(directory, HALF);
    try {
      try (InputStream in = new XZInputStream(new BufferedInputStream(archive.open()))) {
        TarReader.Content content = TarReader.unpack(in, half);
        Files.writeString(half.resolve(MARKER), describe(content));
      }
      PrivateFiles.openToReaders(half);
      put(half, home);
    } finally {
      PrivateFiles.removeTree(half);
    }
  }

  private void put(Path half, Path home) throws IOException {
    if (Files.exists(home) && !isWhole(home)) {
      Path aside = Files.createTempDirectory(directory, HALF);
      Files.move(home, aside.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
      PrivateFiles.removeTree(aside);
    }
    try {
      Files.move(half, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!isWhole(home)) {
        throw e;
      }
    }
  }

  private static boolean isWhole(Path home) throws IOException {
    Path marker = home.resolve(MARKER);
    if (!Files.exists(marker)) {
      return false;
    }
    requireSafe(home);
    int files = -1;
    long bytes = -Files.size(marker);
    try (Stream<Path> paths = Files.walk(home)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          files++;
          bytes += Files.size(path);
        }
      }
    }
    return Files.readString(marker).equals(describe(new TarReader.Content(files, bytes)));
  }

  /** Programs that somebody else could change are not run. */
  private static void requireSafe(Path home) throws IOException {
    PosixFileAttributes attributes = Files.readAttributes(home, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    boolean foreign = !attributes.owner().equals(Files.getOwner(home.getParent(), LinkOption.NOFOLLOW_LINKS));
    if (foreign || !Collections.disjoint(attributes.permissions(), PrivateFiles.OTHERS_WRITE)) {
      throw new EmbeddedException("others can write to " + home + ", so the programs in it are not used; remove it");
    }
  }

  private static String describe(TarReader.Content content) {
    return content.files() + " files, " + content.bytes() + " bytes\n";
  }

  private void removeAbandoned() throws IOException {
    Instant limit = Instant.now().minus(ABANDONED);
    List<Path> halves;
    try (Stream<Path> paths = Files.list(directory)) {
      halves = paths.filter(path -> path.getFileName().toString().startsWith(HALF)).toList();
    }
    for (Path half : halves) {
      if (Files.exists(half) && Files.getLastModifiedTime(half).toInstant().isBefore(limit)) {
        PrivateFiles.removeTree(half);
      }
    }
  }
}
