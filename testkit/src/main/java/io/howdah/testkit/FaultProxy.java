package io.howdah.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/**
 * A TCP proxy before the server that does harm on demand: it cuts connections, stalls one direction or both, delays, or refuses. Safe for
 * use by many threads.
 */
public final class FaultProxy implements AutoCloseable {
  /** A direction of the bytes. */
  public enum Direction {
    /** Requests. */
    TO_SERVER,
    /** Answers. */
    TO_CLIENT
  }

  private static final System.Logger LOG = System.getLogger(FaultProxy.class.getName());

  private final ProxyTarget target;
  private final ServerSocket listener;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  /** These are guarded by the lock. */
  private final Set<Direction> stalled = EnumSet.noneOf(Direction.class);
  private Duration delay = Duration.ZERO;
  private boolean refusing;
  private boolean closed;

  private FaultProxy(ProxyTarget target, ServerSocket listener) {
    this.target = target;
    this.listener = listener;
  }

  /** A proxy before this database; harmless until told otherwise. */
  public static FaultProxy to(TestDatabase database) {
    return to(ProxyTarget.of(database));
  }

  private static FaultProxy to(ProxyTarget target) {
    try {
      FaultProxy proxy = new FaultProxy(target, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().name("fault proxy").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException("the fault proxy cannot listen", e);
    }
  }

  /** The port to connect to. */
  public int port() {
    return listener.getLocalPort();
  }

  /** The database's JDBC URL through this proxy. */
  public String url() {
    return target.urlThrough(port());
  }

  /** A data source that connects through this proxy. */
  public DataSource dataSource() {
    return target.dataSourceThrough(port());
  }

  /** Cuts every connection, as a crash would; new ones are let through. */
  public void cut() {
    links.forEach(Link::cut);
  }

  /** Refuses new connections. */
  public void refuse() {
    change(() -> refusing = true);
  }

  /** Stops the bytes in these directions, or in both if none is named; connections stay open, and new ones hang. */
  public void stall(Direction... directions) {
    Set<Direction> which = directions.length == 0 ? EnumSet.allOf(Direction.class) : Set.of(directions);
    change(() -> stalled.addAll(which));
  }

  /** Delays each chunk of bytes by so much. */
  public void delay(Duration newDelay) {
    change(() -> delay = newDelay);
  }

  /** Lets everything through again, the bytes that were stalled first. */
  public void resume() {
    change(() -> {
      stalled.clear();
      delay = Duration.ZERO;
      refusing = false;
    });
  }

  /** The number of connections that are open through this proxy. */
  public int connections() {
    return links.size();
  }

  /** Stops listening and cuts every connection. */
  @Override
  public void close() {
    change(() -> closed = true);
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the fault proxy could not be closed", e);
    } finally {
      cut();
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        admit(listener.accept());
      } catch (IOException e) {
        if (!listener.isClosed()) {
          LOG.log(System.Logger.Level.WARNING, "a connection was not let through", e);
        }
      }
    }
  }

  private void admit(Socket client) throws IOException {
    if (isRefusing()) {
      reset(client);
      return;
    }
    try {
      new Link(client, new Socket(target.host(), target.port())).start();
    } catch (IOException e) {
      reset(client);
      throw e;
    }
  }

  private boolean isRefusing() {
    lock.lock();
    try {
      return refusing;
    } finally {
      lock.unlock();
    }
  }

  /** Waits as long as the direction is stalled, or for the delay. */
  private void pause(Direction direction) throws InterruptedException {
    lock.lock();
    try {
      long left = delay.toNanos();
      while (!closed && (stalled.contains(direction) || left > 0)) {
        if (left > 0) {
          left = changed.awaitNanos(left);
        } else if (!changed.await(1, TimeUnit.HOURS)) {
          throw new IllegalStateException("the proxy was left stalled for an hour");
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** One client's connection and the server's. */
  private final class Link {
    private final Socket client;
    private final Socket server;

    Link(Socket client, Socket server) throws SocketException {
      this.client = client;
      this.server = server;
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    }

    void start() {
      links.add(this);
      Thread.ofVirtual().name("fault proxy to server").start(() -> pump(client, server, Direction.TO_SERVER));
      Thread.ofVirtual().name("fault proxy to client").start(() -> pump(server, client, Direction.TO_CLIENT));
    }

    private void pump(Socket from, Socket to, Direction direction) {
      try (InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
        byte[] chunk = new byte[16_384];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
          pause(direction);
          out.write(chunk, 0, n);
        }
      } catch (IOException e) {
        // One side has gone: the other one learns it below.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        cut();
      }
    }

    void cut() {
      links.remove(this);
      try {
        reset(client);
        reset(server);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "connection was closed already", e);
      }
    }
  }
}
