package io.howdah.embedded;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports to listen on. They are taken below the range from which systems give ports to outgoing connections: a client
 * that tries again and again to reach a server that is down would, sooner or later, get the server's own port, connect
 * to itself, and keep the server from coming back.
 */
final class Ports {
  private static final int FIRST = 15_000;
  private static final int END = 32_000;
  private static final int TRIES = 100;

  private Ports() {
  }

  static int free() {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (isFree(port)) {
        return port;
      }
    }
    throw new EmbeddedException(
        "found no free port on " + Launcher.HOST + " between " + FIRST + " and " + END + "; choose one");
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(Launcher.HOST, port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
