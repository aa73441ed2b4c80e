package io.howdah.internal.wakeup;

import io.howdah.internal.wakeup.WakeupFunctions.Pulse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Sees for all sleepers of a process that something was published by one who
 * rings nobody: in SQL, or long before the commit. For one thread.
 *
 * <p>
 * A publish draws a number that everybody can read at once, before it commits.
 * Since the number has changed the publisher may be in any transaction that was
 * open then; so from there on, whenever a transaction has ended, the database is
 * asked which of the sleeping subscriptions have something to look at, until all
 * that were open have ended. While nobody publishes that is one short question
 * in {@link #EVERY}; while others publish all the time it takes a fiftieth of the
 * time at most, so the more sleep here the later they are told.
 */
final class Watch {

  static final Duration EVERY = Duration.ofMillis(100);

  private static final int SHARE = 50;

  private final Duration soon;
  private long published = -1;
  private long openBelow;
  private String snapshot = "";
  private long notBefore = System.nanoTime();

  /**
   * @param soon
   *          who sleeps longer than this must be told of what falls due earlier
   */
  Watch(Duration soon) {
    this.soon = soon;
  }

  /** The ids of those sleeping subscriptions that should look. */
  List<Integer> stirred(Connection connection, List<Integer> sleeping) throws SQLException {
    long began = System.nanoTime();
    if (began - notBefore < 0) {
      return List.of();
    }
    Pulse pulse = WakeupFunctions.pulse(connection);
    boolean ended = openBelow > 0 && !pulse.snapshot().equals(snapshot);
    snapshot = pulse.snapshot();
    if (pulse.published() != published) {
      published = pulse.published();
      openBelow = pulse.nextXid();
    } else if (!ended) {
      return List.of();
    }
    if (pulse.xmin() >= openBelow) {
      openBelow = 0;
    }
    List<Integer> stirred = WakeupFunctions.stirred(connection, sleeping, soon);
    long end = System.nanoTime();
    notBefore = end + SHARE * (end - began);
    return stirred;
  }
}
