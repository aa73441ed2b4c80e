package io.howdah.testkit;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One client of the pooler. Its thread reads requests and sends them to the server connection it holds; that connection's thread writes
 * the answers. Both change who holds what only under this client's lock, so that an answer is written out before the next transaction
 * can begin elsewhere.
 */
final class PooledClient {
  private static final int ENCRYPTION_SSL = 80_877_103;
  private static final int ENCRYPTION_GSS = 80_877_104;
  private static final int CANCEL = 80_877_102;

  private final PoolerProxy pooler;
  private final int number;
  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final ReentrantLock lock = new ReentrantLock();
  /** These two are guarded by the lock. */
  private @Nullable PooledBackend held;
  private int unanswered;

  PooledClient(PoolerProxy pooler, int number, Socket socket) throws IOException {
    this.pooler = pooler;
    this.number = number;
    this.socket = socket;
    socket.setTcpNoDelay(true);
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
  }

  /** Serves the client until it goes. */
  void serve() {
    try {
      if (start()) {
        WireMessage message = WireMessage.read(in);
        while (message != null && message.type() != WireMessage.TERMINATE) {
          forward(message);
          message = WireMessage.read(in);
        }
      }
    } catch (IOException | IllegalStateException e) {
      PoolerProxy.LOG.log(System.Logger.Level.DEBUG, "pooled client " + number + " has gone", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      pooler.forget(this);
      close();
      dropHeld();
    }
  }

  /** Answers the start-up; false if the connection was there only to cancel another one's query. */
  private boolean start() throws IOException {
    ByteBuffer startup = ByteBuffer.wrap(WireMessage.readStartup(in));
    int code = startup.getInt();
    while (code == ENCRYPTION_SSL || code == ENCRYPTION_GSS) {
      out.writeByte('N');
      out.flush();
      startup = ByteBuffer.wrap(WireMessage.readStartup(in));
      code = startup.getInt();
    }
    if (code == CANCEL) {
      pooler.cancel(startup.getInt());
      return false;
    }
    WireMessage.of('R', 0).write(out);
    for (Map.Entry<String, String> parameter : pooler.parameters().entrySet()) {
      WireMessage.of('S', parameter.getKey(), parameter.getValue()).write(out);
    }
    WireMessage.of('K', number, number).write(out);
    new WireMessage(WireMessage.READY, new byte[]{WireMessage.IDLE}).write(out);
    out.flush();
    return true;
  }

  private void forward(WireMessage message) throws IOException, InterruptedException {
    PooledBackend backend = hold(message);
    backend.send(message, in.available() == 0);
  }

  private PooledBackend hold(WireMessage message) throws InterruptedException {
    lock.lock();
    try {
      if (held == null) {
        held = pooler.take();
        held.serve(this);
      }
      unanswered += message.asksForReady() ? 1 : 0;
      return held;
    } finally {
      lock.unlock();
    }
  }

  /** Called by the thread of the server connection that is held. */
  void answer(PooledBackend backend, WireMessage message, boolean flush) throws IOException {
    lock.lock();
    try {
      if (message.type() == WireMessage.READY) {
        unanswered--;
        if (message.body()[0] == WireMessage.IDLE && unanswered == 0) {
          held = null;
          backend.serve(null);
          pooler.release(backend);
        }
      }
      message.write(out);
      if (flush || message.type() == WireMessage.READY) {
        out.flush();
      }
    } finally {
      lock.unlock();
    }
  }

  void cancel() {
    lock.lock();
    try {
      if (held != null) {
        held.cancel();
      }
    } finally {
      lock.unlock();
    }
  }

  private void dropHeld() {
    PooledBackend abandoned;
    lock.lock();
    try {
      abandoned = held;
      held = null;
    } finally {
      lock.unlock();
    }
    if (abandoned != null) {
      pooler.replace(abandoned);
    }
  }

  void close() {
    try {
      socket.close();
    } catch (IOException e) {
      PoolerProxy.LOG.log(System.Logger.Level.DEBUG, "pooled client " + number + " was closed already", e);
    }
  }
}
