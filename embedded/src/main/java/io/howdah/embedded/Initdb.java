package io.howdah.embedded;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the database files of a new data directory. They appear under their name when all is done; what an interrupted
 * attempt left is removed by the next one. Each attempt has a directory of its own, because the initdb of an owner that
 * was killed may still be at work.
 */
final class Initdb {
  private static final Logger LOG = LoggerFactory.getLogger(Initdb.class);
  private static final String HALF = "pgdata.new.";
  private static final int BUILTIN_LOCALE_SINCE = 17;

  private final DataDirectory directory;
  private final Binaries binaries;
  private final Privileges privileges;

  Initdb(DataDirectory directory, Binaries binaries, Privileges privileges) {
    this.directory = directory;
    this.binaries = binaries;
    this.privileges = privileges;
  }

  /** The state, with the password, must be on the disk already: there is never a database without its password. */
  void run(ServerState state) {
    Path fresh = directory.root().resolve(HALF + ProcessHandle.current().pid());
    Path password = directory.root().resolve("password");
    try {
      removeHalves();
      PrivateFiles.replace(password, state.password() + "\n");
      privileges.give(directory.root());
      privileges.give(password);
      Command.Result result = Command.run(privileges.apply(command(fresh, password)), directory.root());
      if (!result.succeeded()) {
        String user = privileges.needsOtherOwner()
            ? "; it runs as user " + privileges.uid() + " here, who must be able to reach the directory"
            : "";
        throw new EmbeddedException("cannot make a database in " + directory.root() + ": "
            + Complaint.in(result.output().lines().toList()) + user);
      }
      DefaultSettings.install(fresh, privileges);
      Files.move(fresh, directory.pgdata(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw EmbeddedException.of("make a database in " + directory.root(), e);
    } finally {
      remove(password);
    }
  }

  private void removeHalves() throws IOException {
    try (DirectoryStream<Path> halves = Files.newDirectoryStream(directory.root(), HALF + "*")) {
      for (Path half : halves) {
        try {
          PrivateFiles.removeTree(half);
        } catch (DirectoryNotEmptyException e) {
          LOG.info("{} is still being written; the next start removes it", half);
        }
      }
    }
  }

  private static void remove(Path password) {
    try {
      Files.deleteIfExists(password);
    } catch (IOException e) {
      throw EmbeddedException.of("remove " + password, e);
    }
  }

  private List<String> command(Path pgdata, Path password) {
    List<String> words = new ArrayList<>(List.of(binaries.executable("initdb"), "-D", pgdata.toString(), "-U",
        ServerState.SUPERUSER, "--pwfile=" + password, "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums",
        "--locale=C", "--no-instructions"));
    if (binaries.major() >= BUILTIN_LOCALE_SINCE) {
      words.addAll(List.of("--locale-provider=builtin", "--builtin-locale=C.UTF-8"));
    }
    if (directory.isTemporary()) {
      words.add("--no-sync");
    }
    return words;
  }
}
