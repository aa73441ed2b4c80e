package io.howdah;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Howdah} uses the database.
 *
 * @param listen
 *          whether idle workers may keep one connection that listens for the
 *          bell; default true. Without it they poll, at most 250 ms apart
 * @param listenSource
 *          where the listening connection comes from; default null: the data
 *          source that was opened. Name a direct one if that goes through a
 *          transaction pooler, where listening does not work
 * @param ring
 *          whether publishing rings the bell of idle workers in other
 *          processes; default true
 * @param longestPoll
 *          how long an idle worker waits for the bell before it looks by
 *          itself, 10 ms to 5 min; default 5 s
 * @param statementTimeout
 *          how long one statement may take before its connection is given up, 1
 *          s to 1 h; default 60 s. A socket time-out that the data source has
 *          set itself is left as it is
 * @param disabledWorkers
 *          names of queues, subscriptions and {@linkplain Worker#name() workers}
 *          whose workers start {@link WorkerState#DISABLED} in this process;
 *          {@code *} names all; default none. The system property
 *          {@code howdah.workers.disabled}, or else the environment variable
 *          {@code HOWDAH_WORKERS_DISABLED}, adds names, separated by commas
 */
public record HowdahOptions(boolean listen, @Nullable DataSource listenSource, boolean ring, Duration longestPoll,
    Duration statementTimeout, Set<String> disabledWorkers) {

  private static final HowdahOptions DEFAULTS = new HowdahOptions(true, null, true, Duration.ofSeconds(5),
      Duration.ofSeconds(60), Set.of());

  public HowdahOptions {
    Limits.between("longestPoll", longestPoll, Duration.ofMillis(10), Duration.ofMinutes(5));
    Limits.between("statementTimeout", statementTimeout, Duration.ofSeconds(1), Duration.ofHours(1));
    disabledWorkers = Set.copyOf(disabledWorkers);
  }

  public static HowdahOptions defaults() {
    return DEFAULTS;
  }

  public HowdahOptions withListen(boolean newListen) {
    return new HowdahOptions(newListen, listenSource, ring, longestPoll, statementTimeout, disabledWorkers);
  }

  public HowdahOptions withListenSource(@Nullable DataSource newListenSource) {
    return new HowdahOptions(listen, newListenSource, ring, longestPoll, statementTimeout, disabledWorkers);
  }

  public HowdahOptions withRing(boolean newRing) {
    return new HowdahOptions(listen, listenSource, newRing, longestPoll, statementTimeout, disabledWorkers);
  }

  public HowdahOptions withLongestPoll(Duration newLongestPoll) {
    return new HowdahOptions(listen, listenSource, ring, newLongestPoll, statementTimeout, disabledWorkers);
  }

  public HowdahOptions withStatementTimeout(Duration newStatementTimeout) {
    return new HowdahOptions(listen, listenSource, ring, longestPoll, newStatementTimeout, disabledWorkers);
  }

  public HowdahOptions withDisabledWorkers(Set<String> newDisabledWorkers) {
    return new HowdahOptions(listen, listenSource, ring, longestPoll, statementTimeout, newDisabledWorkers);
  }

  /** Whether a worker of this queue or subscription, with this name, may work in this process. */
  boolean enables(String subscription, String worker) {
    String property = System.getProperty("howdah.workers.disabled", System.getenv("HOWDAH_WORKERS_DISABLED"));
    Set<String> disabled = new HashSet<>(disabledWorkers);
    if (property != null) {
      for (String name : property.split(",", -1)) {
        disabled.add(name.strip());
      }
    }
    return !disabled.contains("*") && !disabled.contains(subscription) && !disabled.contains(worker);
  }
}
