package io.howdah.internal.wakeup;

import io.howdah.ChannelListener;
import io.howdah.HowdahOptions;
import io.howdah.Reading;
import io.howdah.internal.jdbc.Connections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Hurries idle workers. Polling is the truth: every worker looks by itself now
 * and then, and a bell that is lost costs time, never a message.
 *
 * <p>
 * Four ways lead from a commit to a sleeping worker. In the same process,
 * {@link #committed} wakes the workers of the stream in memory, at once. In
 * other processes, a {@link Ringer} in the background calls
 * {@code howdah.ring}, which notifies where a worker has left a sleeping mark;
 * the {@link Listener} of the other process hears that and wakes its workers.
 * Who publishes in SQL, or long before his commit, rings nobody at the right
 * time: the listener's {@link Watch} sees that. And if nobody listens, workers
 * poll.
 *
 * <p>
 * No wake-up falls between two stools even without the poll: a worker first
 * commits its mark, then looks, then waits; a publisher first commits its
 * messages, then reads the marks. Whichever comes first, either the worker's
 * look sees the messages or the publisher sees the mark.
 */
public final class Bell implements AutoCloseable {

  private final Connections connections;
  private final HowdahOptions options;
  private final Ringer ringer;
  private final Listener listener;
  private final Marks marks;
  private final Channels channels = new Channels();
  private final Map<String, Set<Sleeper>> byStream = new ConcurrentHashMap<>();
  private final Map<Integer, Set<Sleeper>> bySubscription = new ConcurrentHashMap<>();

  public Bell(DataSource source, Connections connections, HowdahOptions options) {
    this.connections = connections;
    this.options = options;
    this.ringer = new Ringer(connections, this::ringHere, options.ring());
    this.listener = new Listener(this, options.listenSource() == null ? source : options.listenSource(), channels);
    this.marks = new Marks(connections);
  }

  /**
   * Something was published to the stream and has committed. Never blocks, never
   * fails.
   */
  public void committed(String stream) {
    ringHere(stream);
    ringer.committed(stream);
  }

  /**
   * Something was published to the stream in a transaction that may commit soon,
   * or not.
   */
  public void maybeCommitted(String stream) {
    ringer.maybeCommitted(stream);
  }

  /** Messages of the subscription were settled or handed back, and others may have something for it. Never blocks. */
  public void freed(String subscription, @Nullable Sleeper by) {
    byStream.getOrDefault(subscription, Set.of()).forEach(sleeper -> {
      if (sleeper != by) {
        sleeper.ring();
      }
    });
    ringer.committed(subscription);
  }

  /** The workers of this queue or subscription in this process look now. */
  public void wake(String subscription) {
    ringHere(subscription);
  }

  /** The wait of one worker between two looks; without a reading as the options say. */
  public Sleeper sleeper(String subscription, Signal signal, @Nullable Reading reading) {
    Reading when = reading == null ? Reading.hybrid(options.pollInterval()) : reading;
    Sleeper sleeper = new Sleeper(this, subscription, signal, when);
    if (when.mode() == Reading.Mode.POLL) {
      return sleeper;
    }
    wakeOn(subscription, sleeper); // the stream of a queue has its name; others are looked up when they first idle
    return sleeper;
  }

  /** Listens to a channel of the application's, on the connection that listens for the bell, until it is closed. */
  public ChannelEar hear(String channel, ChannelListener listener) {
    ChannelEar ear = new ChannelEar(channel, listener, channels::remove);
    channels.add(ear);
    ear.start();
    this.listener.isListening();
    return ear;
  }

  Connections connections() {
    return connections;
  }

  Marks marks() {
    return marks;
  }

  /**
   * Whether the bell of other processes is heard here now. Starts to listen when
   * first asked.
   */
  boolean isHeard() {
    return options.listen() && listener.isListening();
  }

  void wakeOn(String stream, Sleeper sleeper) {
    byStream.computeIfAbsent(stream, s -> ConcurrentHashMap.newKeySet()).add(sleeper);
  }

  void wakeOn(int subscription, Sleeper sleeper) {
    bySubscription.computeIfAbsent(subscription, s -> ConcurrentHashMap.newKeySet()).add(sleeper);
  }

  void remove(Sleeper sleeper) {
    byStream.values().forEach(sleepers -> sleepers.remove(sleeper));
    bySubscription.values().forEach(sleepers -> sleepers.remove(sleeper));
  }

  private void ringHere(String stream) {
    byStream.getOrDefault(stream, Set.of()).forEach(Sleeper::ring);
  }

  private void ringHere(int subscription) {
    bySubscription.getOrDefault(subscription, Set.of()).forEach(Sleeper::ring);
  }

  /** Rings who sleeps here and has something to look at, though perhaps nobody has rung. */
  void watch(Watch watch, Connection connection) throws SQLException {
    List<Integer> sleeping = marks.ids();
    if (!sleeping.isEmpty()) {
      watch.stirred(connection, sleeping).forEach(this::ringHere);
    }
  }

  /** For the connection that listens. */
  Watch watch() {
    return new Watch(options.pollInterval());
  }

  /**
   * A notification: subscription ids, separated by commas. What this process rang
   * itself it has already heard.
   */
  void heard(String payload, int backend) {
    if (ringer.isOwn(backend)) {
      return;
    }
    for (String id : payload.split(",")) {
      if (!id.isEmpty() && id.length() < 10 && id.chars().allMatch(c -> c >= '0' && c <= '9')) {
        ringHere(Integer.parseInt(id));
      }
    }
  }

  /** Bells may have been missed: everybody looks. */
  void ringAll() {
    byStream.values().forEach(sleepers -> sleepers.forEach(Sleeper::ring));
  }

  @Override
  public void close() {
    ringer.close();
    listener.close();
    channels.close();
  }
}
