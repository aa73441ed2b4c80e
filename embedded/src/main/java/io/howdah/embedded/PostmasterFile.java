package io.howdah.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a server says of itself in `postmaster.pid`. It outlives a server that was killed. */
record PostmasterFile(Path pgdata, long pid, boolean ready) {
  private static final int STATUS_LINE = 7;

  /** Empty when there is none, or when it is being written just now. */
  static Optional<PostmasterFile> read(Path pgdata) {
    try {
      List<String> lines = Files.readAllLines(pgdata.resolve("postmaster.pid"));
      if (lines.isEmpty() || !lines.getFirst().matches("\\d{1,18}")) {
        return Optional.empty();
      }
      boolean ready = lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
      return Optional.of(new PostmasterFile(pgdata, Long.parseLong(lines.getFirst()), ready));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw EmbeddedException.of("read " + pgdata.resolve("postmaster.pid"), e);
    }
  }

  /** The living process, if it is the server of this directory and not another one that got its number. */
  Optional<ProcessHandle> server() {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(process -> process.info().arguments()
        .map(arguments -> Arrays.asList(arguments).contains(pgdata.toString())).orElse(false));
  }

  /** Whether another process got the number of a server that is gone. */
  boolean numberIsReused() {
    return server().isEmpty() && ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }
}
