package io.howdah.testkit;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/**
 * One server connection of the pooler. The JDBC driver opens it, with whatever authentication the server wants, and never uses it again:
 * the pooler talks on the driver's socket.
 */
final class PooledBackend {
  private final PoolerProxy pooler;
  private final Connection connection;
  private final Map<String, String> parameters;
  private final DataInputStream in;
  private final DataOutputStream out;
  private volatile @Nullable PooledClient client;

  private PooledBackend(PoolerProxy pooler, Connection connection, Socket socket) throws IOException, SQLException {
    this.pooler = pooler;
    this.connection = connection;
    this.parameters = Map.copyOf(connection.unwrap(PGConnection.class).getParameterStatuses());
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
  }

  static PooledBackend connect(PoolerProxy pooler, String url) throws IOException, SQLException {
    Properties properties = new Properties();
    properties.setProperty("socketFactory", SocketCapture.class.getName());
    properties.setProperty("sslmode", "disable");
    Connection connection = new Driver().connect(url, properties);
    if (connection == null) {
      throw new SQLException("not a PostgreSQL URL");
    }
    PooledBackend backend = new PooledBackend(pooler, connection, SocketCapture.takeLast());
    Thread.ofVirtual().name("pooled server connection").start(backend::read);
    return backend;
  }

  /** What the server reported of itself. */
  Map<String, String> parameters() {
    return parameters;
  }

  /** From now on answers go to this client; to nobody, while null. */
  void serve(@Nullable PooledClient newClient) {
    client = newClient;
  }

  void send(WireMessage message, boolean flush) throws IOException {
    message.write(out);
    if (flush) {
      out.flush();
    }
  }

  private void read() {
    try {
      for (WireMessage message = WireMessage.read(in); message != null; message = WireMessage.read(in)) {
        PooledClient current = client;
        if (current != null) {
          current.answer(this, message, in.available() == 0);
        }
      }
    } catch (IOException e) {
      PoolerProxy.LOG.log(System.Logger.Level.DEBUG, "a pooled server connection has gone", e);
    } finally {
      PooledClient stranded = client;
      if (stranded != null) {
        stranded.close();
      }
      pooler.replace(this);
    }
  }

  void cancel() {
    try {
      connection.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      PoolerProxy.LOG.log(System.Logger.Level.WARNING, "a query could not be cancelled", e);
    }
  }

  void close() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      PoolerProxy.LOG.log(System.Logger.Level.DEBUG, "a pooled server connection was closed already", e);
    }
  }
}
