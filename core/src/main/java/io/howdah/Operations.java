package io.howdah;

import io.howdah.internal.queue.QueueFunctions;
import io.howdah.internal.wakeup.Bell;

/**
 * What operators do with a queue or subscription, for the whole fleet. Safe for several threads. Errors:
 * {@link ErrorCode#NOT_FOUND}.
 */
public final class Operations {

  private final String name;
  private final QueueFunctions functions;
  private final Bell bell;

  Operations(String name, QueueFunctions functions, Bell bell) {
    this.name = name;
    this.functions = functions;
    this.bell = bell;
  }

  /**
   * Hands nothing out any more, to nobody, until {@link #resume()}; false if it is paused. What was handed out stays with
   * its consumers. Publishing goes on.
   */
  public boolean pause() {
    return functions.pause(name);
  }

  /** Ends a pause, and wakes the consumers; false if there was none. */
  public boolean resume() {
    boolean resumed = functions.resume(name);
    bell.wake(name);
    return resumed;
  }

  public boolean isPaused() {
    return functions.isPaused(name);
  }

  /** Whether a consumer has something to do. */
  public QueueState state() {
    return functions.state(name);
  }

  /** Makes the workers of all processes look now. */
  public void wake() {
    functions.wake(name);
    bell.wake(name);
  }

  /**
   * Puts it at another place of its stream, back or forward: all that lies there and
   * behind it comes, each message once and as if it had never been tried. Leases
   * that run are over, and what their holders answer changes nothing. What it had
   * passed before that place and is not settled stays, and comes again; so do
   * direct messages. What it passes over by going forward is counted.
   *
   * @throws HowdahException
   *           {@link ErrorCode#GONE} if messages from there on are not there any
   *           more, {@link ErrorCode#INVALID} for a place in the future,
   *           {@link ErrorCode#TIMEOUT} if a transaction that has settled stays
   *           open for 5 s
   */
  public SeekResult seek(StartPosition to) {
    return seek(to, false);
  }

  /** {@link #seek(StartPosition)} that gives up what is not settled before that place, too, and counts it. */
  public SeekResult seekAndDropUnsettled(StartPosition to) {
    return seek(to, true);
  }

  private SeekResult seek(StartPosition to, boolean dropUnsettled) {
    SeekResult result = functions.seek(name, to, dropUnsettled);
    bell.wake(name);
    return result;
  }

  /**
   * Removes what waits: what is ready, and scheduled retries; for a queue with a stream of its own that nobody else reads,
   * delayed messages, too. What is in flight stays with its consumers. Holds up no publisher. Returns how many.
   */
  public long purge() {
    return functions.purge(name, null, null, false);
  }

  /** Removes what waits and matches; returns how many. */
  public long purge(PurgeFilter filter) {
    return functions.purge(name, filter.topic(), filter.key(), false);
  }

  /** How many {@link #purge(PurgeFilter)} would remove now. */
  public long countPurgeable(PurgeFilter filter) {
    return functions.purge(name, filter.topic(), filter.key(), true);
  }
}
