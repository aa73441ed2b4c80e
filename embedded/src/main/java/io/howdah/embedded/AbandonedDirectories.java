package io.howdah.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Temporary data directories whose owner was killed before it had a server, and so a guard that removes them. Each is
 * 40 MB. Young ones are left alone: their owner may not have taken its lock yet.
 */
final class AbandonedDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(AbandonedDirectories.class);
  private static final Duration YOUNG = Duration.ofMinutes(10);

  private AbandonedDirectories() {
  }

  /** @param held tells the directories of this process, whose lock files must not be opened again */
  static void remove(Path parent, String prefix, Predicate<Path> held) throws IOException {
    Instant limit = Instant.now().minus(YOUNG);
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(parent, prefix + "*")) {
      for (Path directory : directories) {
        if (!held.test(directory)) {
          removeIfAbandoned(directory, limit);
        }
      }
    }
  }

  private static void removeIfAbandoned(Path directory, Instant limit) {
    try {
      if (Files.getLastModifiedTime(directory).toInstant().isAfter(limit)) {
        return;
      }
      try (FileChannel channel = FileChannel.open(directory.resolve("lock"), StandardOpenOption.WRITE)) {
        boolean lives = channel.tryLock() == null
            || PostmasterFile.read(DataDirectory.pgdataOf(directory)).flatMap(PostmasterFile::server).isPresent();
        if (!lives) {
          PrivateFiles.removeTree(directory);
        }
      }
    } catch (IOException | EmbeddedException e) {
      LOG.debug("{} is not ours to remove: {}", directory, e.getMessage());
    }
  }
}
