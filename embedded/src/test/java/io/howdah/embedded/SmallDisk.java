package io.howdah.embedded;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A file system of its own, mounted on a directory; where mounting is not allowed, the test is skipped. */
record SmallDisk(Path directory) implements AutoCloseable {

  static SmallDisk mount(Path directory, String options) {
    Command.Result result = Command.run(List.of("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString()),
        Path.of("/"));
    Assumptions.assumeTrue(result.succeeded(), () -> "needs the right to mount a file system: " + result.output());
    return new SmallDisk(directory);
  }

  @Override
  public void close() {
    Command.run(List.of("umount", directory.toString()), Path.of("/"));
  }
}
