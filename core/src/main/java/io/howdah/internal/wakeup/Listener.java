package io.howdah.internal.wakeup;

import io.howdah.HowdahException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one connection of a process that listens. It is never in a transaction,
 * and only its own thread uses it.
 *
 * <p>
 * Behind a transaction pooler LISTEN succeeds and nothing ever arrives, so the
 * connection is believed only after it has heard a notification that another
 * connection sent. A dead peer looks like silence, so after some silence the
 * connection is tried. Whenever listening begins or ends, all workers look
 * once: bells may have been missed.
 *
 * <p>
 * Between two waits it asks for all who sleep here whether something was
 * published, see {@link Watch}, so it is quiet for at most that long.
 *
 * <p>
 * It carries the application's own {@link Channels}, too. Their LISTEN and
 * UNLISTEN run between two waits.
 */
final class Listener implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  /** How long one wait lasts, so that a close is noticed without breaking the connection by an interrupt. */
  private static final int WAIT_MILLIS = 200;
  private static final long SILENCE_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long TEST_NANOS = Duration.ofSeconds(2).toNanos();
  private static final int ANSWER_SECONDS = 1;
  private static final long DEAF_NANOS = Duration.ofMinutes(5).toNanos();

  private static final String BELL = "howdah";

  private final Bell bell;
  private final DataSource source;
  private final Channels channels;
  private final AtomicBoolean started = new AtomicBoolean();
  private final Signal stop = new Signal();
  private final Backoff backoff = new Backoff(Duration.ofMillis(100).toNanos(), Duration.ofSeconds(5).toNanos());
  private volatile boolean listening;
  private volatile boolean closed;
  private volatile @Nullable Thread thread;
  private boolean saidDeaf;
  private boolean saidLost;

  Listener(Bell bell, DataSource source, Channels channels) {
    this.bell = bell;
    this.source = source;
    this.channels = channels;
  }

  boolean isListening() {
    if (!started.get() && started.compareAndSet(false, true)) {
      thread = Thread.ofVirtual().name("howdah-listener").start(this::run);
    }
    return listening;
  }

  private void run() {
    while (!closed) {
      long pause;
      try (Connection connection = source.getConnection()) {
        pause = listen(connection);
      } catch (SQLException | HowdahException e) {
        pause = backoff.nextNanos();
        lost(e);
      }
      if (listening) {
        listening = false;
        channels.deaf();
        bell.ringAll();
      }
      if (!closed) {
        stop.await(pause);
      }
    }
  }

  /**
   * Listens for as long as it works; returns how long to wait before trying
   * again.
   */
  private long listen(Connection connection) throws SQLException {
    if (!connection.isWrapperFor(PGConnection.class)) {
      return deaf("the data source does not hand out connections of the PostgreSQL driver");
    }
    connection.setAutoCommit(true);
    PGConnection postgres = connection.unwrap(PGConnection.class);
    execute(connection, "listen " + BELL);
    String trouble = trouble(connection, postgres);
    long pause = trouble == null ? hearOut(connection, postgres) : deaf(trouble);
    execute(connection, "unlisten *"); // whoever borrows the connection next must not collect notifications
    return pause;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Passes on what is heard until this is closed; returns no pause, or throws when the connection is lost. */
  private long hearOut(Connection connection, PGConnection postgres) throws SQLException {
    backoff.reset();
    if (saidLost) {
      LOG.info("listening for the bell again");
      saidLost = false;
    }
    listening = true;
    bell.ringAll();
    Set<String> open = new HashSet<>();
    Watch watch = bell.watch();
    long lastSign = System.nanoTime();
    long watched = lastSign;
    while (!closed) {
      follow(connection, postgres, open);
      PGNotification[] notifications = postgres.getNotifications((int) Watch.EVERY.toMillis());
      if (System.nanoTime() - watched >= Watch.EVERY.toNanos()) {
        bell.watch(watch, connection);
        watched = System.nanoTime();
      }
      if (notifications != null && notifications.length > 0) {
        lastSign = System.nanoTime();
        for (PGNotification notification : notifications) {
          pass(notification);
        }
      } else if (System.nanoTime() - lastSign > SILENCE_NANOS) {
        if (!connection.isValid(ANSWER_SECONDS)) {
          throw new SQLException("the listening connection does not answer", "08006");
        }
        lastSign = System.nanoTime();
      }
    }
    return 0;
  }

  private void pass(PGNotification notification) {
    if (notification.getName().equals(BELL)) {
      bell.heard(notification.getParameter(), notification.getPID());
    } else {
      channels.heard(notification.getName(), notification.getParameter());
    }
  }

  /** Listens to the channels that are wanted, and no longer to the others. */
  private void follow(Connection connection, PGConnection postgres, Set<String> open) throws SQLException {
    Set<String> wanted = channels.wanted();
    if (wanted.equals(open) && !channels.hasNew()) {
      return;
    }
    for (String name : wanted) {
      if (!open.contains(name)) {
        execute(connection, "listen " + postgres.escapeIdentifier(name));
      }
    }
    for (String name : open) {
      if (!wanted.contains(name)) {
        execute(connection, "unlisten " + postgres.escapeIdentifier(name));
      }
    }
    open.clear();
    open.addAll(wanted);
    channels.listening(open);
  }

  /** Why this connection is no good for listening, or null if it hears what another connection sends. */
  private @Nullable String trouble(Connection connection, PGConnection postgres) throws SQLException {
    String payload = "check " + UUID.randomUUID();
    try {
      bell.connections().call(other -> WakeupFunctions.notify(other, payload));
    } catch (HowdahException e) {
      if (connection.isValid(ANSWER_SECONDS)) { // so it is not the database: a pool with no connection to spare
        return "there is no connection besides the listening one";
      }
      throw e;
    }
    return hears(postgres, payload) ? null : "notifications do not arrive, as behind a transaction pooler";
  }

  private boolean hears(PGConnection postgres, String payload) throws SQLException {
    long deadline = System.nanoTime() + TEST_NANOS;
    while (deadline - System.nanoTime() > 0 && !closed) {
      PGNotification[] notifications = postgres.getNotifications(WAIT_MILLIS);
      if (notifications != null
          && Arrays.stream(notifications).anyMatch(heard -> heard.getParameter().equals(payload))) {
        return true;
      }
    }
    return false;
  }

  private long deaf(String why) {
    if (!saidDeaf && !closed) {
      if (!channels.isEmpty()) {
        LOG.warn("nothing is heard of channels {}, since {}", channels.wanted(), why);
      }
      LOG.info("idle workers poll, since {}; a direct connection in HowdahOptions.withListenSource would wake them "
          + "sooner", why);
      saidDeaf = true;
    }
    return DEAF_NANOS;
  }

  private void lost(Exception e) {
    if (!saidLost && !closed) {
      LOG.info("idle workers poll until the bell can be heard again: {}", e.getMessage());
      saidLost = true;
    }
  }

  /** Stops listening, in a moment. */
  @Override
  public void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      stop.raise();
      try {
        running.join(Duration.ofSeconds(3));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
