package io.howdah.embedded;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the running server of a data directory that another process owns. */
final class ServerSearch {
  private static final int CONNECT_MILLIS = 2000;

  private ServerSearch() {
  }

  static Optional<RunningPostgres> find(Path directory) {
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    try {
      Path root = directory.toRealPath();
      return DataDirectory.stateOf(root).flatMap(state -> at(root, state));
    } catch (IOException e) {
      throw EmbeddedException.of("look for a server in " + directory, e);
    }
  }

  private static Optional<RunningPostgres> at(Path root, ServerState state) {
    return PostmasterFile.read(DataDirectory.pgdataOf(root)).filter(PostmasterFile::ready)
        .flatMap(PostmasterFile::server).filter(server -> listens(state.port()))
        .map(server -> new RunningPostgres(Launcher.HOST, state.port(), state.user(), state.password(), server.pid()));
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(Launcher.HOST, port), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
