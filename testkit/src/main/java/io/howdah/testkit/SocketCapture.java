package io.howdah.testkit;

import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the socket that the JDBC driver opens on this thread, so that the pooler can go on with it. Public because the driver makes
 * it by name.
 */
public final class SocketCapture extends SocketFactory {
  private static final ThreadLocal<@Nullable Socket> LAST = new ThreadLocal<>();

  /** For the driver. */
  public SocketCapture() {
    // nothing to set up
  }

  static Socket takeLast() {
    Socket socket = LAST.get();
    LAST.remove();
    if (socket == null) {
      throw new IllegalStateException("the driver opened no socket on this thread");
    }
    return socket;
  }

  @Override
  public Socket createSocket() {
    Socket socket = new Socket();
    LAST.set(socket);
    return socket;
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw unconnected();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw unconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw unconnected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw unconnected();
  }

  private static UnsupportedOperationException unconnected() {
    return new UnsupportedOperationException("the driver asks for unconnected sockets only");
  }
}
