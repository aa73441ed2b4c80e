package io.howdah.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/**
 * A transaction pooler that is as unkind as one may be: each transaction gets another server connection (as long as one is free), and no
 * session state is reset in between, so that whoever relies on prepared names, LISTEN, temporary tables, session locks or SET is found
 * out. Clients on the loopback need no password. Safe for use by many threads.
 *
 * <p>A client holds a server connection from the first message of a transaction until the server says that it is idle and has answered
 * everything. The connection that was used least recently is taken first, so a lone client changes it at each transaction.
 */
public final class PoolerProxy implements AutoCloseable {
  static final System.Logger LOG = System.getLogger(PoolerProxy.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ProxyTarget target;
  private final ServerSocket listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();
  /** Guarded by the lock. */
  private final Deque<PooledBackend> idle = new ArrayDeque<>();
  private final Map<Integer, PooledClient> clients = new ConcurrentHashMap<>();
  private final Set<PooledBackend> backends = ConcurrentHashMap.newKeySet();
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger transactions = new AtomicInteger();

  private volatile Map<String, String> parameters = Map.of();

  private PoolerProxy(ProxyTarget target, ServerSocket listener) {
    this.target = target;
    this.listener = listener;
  }

  /** A pooler before this database with so many server connections. */
  public static PoolerProxy to(TestDatabase database, int size) {
    try {
      PoolerProxy proxy = new PoolerProxy(ProxyTarget.of(database),
          new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      for (int i = 0; i < size; i++) {
        proxy.addBackend();
      }
      Thread.ofVirtual().name("pooler").start(proxy::accept);
      return proxy;
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("the pooler cannot start", e);
    }
  }

  /** The database's JDBC URL through this pooler. */
  public String url() {
    return target.urlThrough(listener.getLocalPort());
  }

  /** A data source that connects through this pooler. */
  public DataSource dataSource() {
    return target.dataSourceThrough(listener.getLocalPort());
  }

  /** How many transactions have passed: to prove that a test went this way. */
  public int transactions() {
    return transactions.get();
  }

  private void addBackend() throws IOException, SQLException {
    PooledBackend backend = PooledBackend.connect(this, target.url());
    backends.add(backend);
    parameters = backend.parameters();
    release(backend);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        int number = numbers.incrementAndGet();
        PooledClient client = new PooledClient(this, number, socket);
        clients.put(number, client);
        Thread.ofVirtual().name("pooled client " + number).start(client::serve);
      } catch (IOException e) {
        if (!listener.isClosed()) {
          LOG.log(System.Logger.Level.WARNING, "a client was not let in", e);
        }
      }
    }
  }

  /** The server connection that has been idle for longest; waits until there is one. */
  PooledBackend take() throws InterruptedException {
    lock.lock();
    try {
      long left = PATIENCE.toNanos();
      while (idle.isEmpty() && left > 0) {
        left = freed.awaitNanos(left);
      }
      if (idle.isEmpty()) {
        throw new IllegalStateException("no server connection came free within " + PATIENCE);
      }
      transactions.incrementAndGet();
      return idle.remove();
    } finally {
      lock.unlock();
    }
  }

  void release(PooledBackend backend) {
    lock.lock();
    try {
      idle.add(backend);
      freed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** A server connection that broke, or was left inside of a transaction, is replaced by a new one. */
  void replace(PooledBackend broken) {
    lock.lock();
    try {
      idle.remove(broken);
    } finally {
      lock.unlock();
    }
    if (backends.remove(broken)) {
      broken.close();
      try {
        if (!listener.isClosed()) {
          addBackend();
        }
      } catch (IOException | SQLException e) {
        LOG.log(System.Logger.Level.WARNING, "a broken server connection could not be replaced", e);
      }
    }
  }

  /** What the first server connection reported of the server. */
  Map<String, String> parameters() {
    return parameters;
  }

  void forget(PooledClient client) {
    clients.values().remove(client);
  }

  /** Cancels what the client of this number runs, if it runs anything. */
  void cancel(int number) {
    PooledClient client = clients.get(number);
    if (client != null) {
      client.cancel();
    }
  }

  /** Stops listening and closes every connection. */
  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the pooler could not be closed", e);
    } finally {
      List.copyOf(clients.values()).forEach(PooledClient::close);
      new ArrayList<>(backends).forEach(PooledBackend::close);
    }
  }
}
