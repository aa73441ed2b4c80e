package io.howdah;

import java.time.Duration;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Howdah} uses the database. The defaults are {@linkplain Knob knobs}.
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
 * @param pollInterval
 *          how long an idle worker waits for the bell before it looks by
 *          itself, 10 ms to 5 min; default 5 s
 * @param statementTimeout
 *          how long one statement may take before it is cancelled, 1 s to 1 h;
 *          default 15 s. A connection that does not even answer that is given up
 *          2 s later; a socket time-out that the data source has set itself is
 *          left as it is. Housekeeping and what removes or moves many messages
 *          may take four times as long
 * @param disabledWorkers
 *          names of queues, subscriptions and {@linkplain Worker#name() workers}
 *          whose workers start {@link WorkerState#DISABLED} in this process;
 *          {@code *} names all; default none. {@link Knob#WORKERS_DISABLED} adds
 *          names: an operator can disable what a program enables
 * @param maintenanceInterval
 *          how often this process keeps house: moves what is due, expires, opens
 *          and empties segments. Zero: never, somebody else does, up to 1 day;
 *          default 60 s, and less while there is much to do
 */
public record HowdahOptions(boolean listen, @Nullable DataSource listenSource, boolean ring, Duration pollInterval,
    Duration statementTimeout, Set<String> disabledWorkers, Duration maintenanceInterval) {

  public HowdahOptions {
    Knob.POLL_INTERVAL.require("pollInterval", pollInterval);
    Knob.STATEMENT_TIMEOUT.require("statementTimeout", statementTimeout);
    Knob.MAINTENANCE_INTERVAL.require("maintenanceInterval", maintenanceInterval);
    disabledWorkers = Set.copyOf(disabledWorkers);
  }

  public static HowdahOptions defaults() {
    return new HowdahOptions(Knob.LISTEN.flag(), null, Knob.RING.flag(), Knob.POLL_INTERVAL.duration(),
        Knob.STATEMENT_TIMEOUT.duration(), Set.of(), Knob.MAINTENANCE_INTERVAL.duration());
  }

  public HowdahOptions withListen(boolean newListen) {
    return new HowdahOptions(newListen, listenSource, ring, pollInterval, statementTimeout, disabledWorkers,
        maintenanceInterval);
  }

  public HowdahOptions withListenSource(@Nullable DataSource newListenSource) {
    return new HowdahOptions(listen, newListenSource, ring, pollInterval, statementTimeout, disabledWorkers,
        maintenanceInterval);
  }

  public HowdahOptions withRing(boolean newRing) {
    return new HowdahOptions(listen, listenSource, newRing, pollInterval, statementTimeout, disabledWorkers,
        maintenanceInterval);
  }

  public HowdahOptions withPollInterval(Duration newPollInterval) {
    return new HowdahOptions(listen, listenSource, ring, newPollInterval, statementTimeout, disabledWorkers,
        maintenanceInterval);
  }

  public HowdahOptions withStatementTimeout(Duration newStatementTimeout) {
    return new HowdahOptions(listen, listenSource, ring, pollInterval, newStatementTimeout, disabledWorkers,
        maintenanceInterval);
  }

  public HowdahOptions withDisabledWorkers(Set<String> newDisabledWorkers) {
    return new HowdahOptions(listen, listenSource, ring, pollInterval, statementTimeout, newDisabledWorkers,
        maintenanceInterval);
  }

  public HowdahOptions withMaintenanceInterval(Duration newMaintenanceInterval) {
    return new HowdahOptions(listen, listenSource, ring, pollInterval, statementTimeout, disabledWorkers,
        newMaintenanceInterval);
  }

  /** Whether a worker of this queue or subscription, with this name, may work in this process. */
  boolean enables(String subscription, String worker) {
    Set<String> disabled = Knob.WORKERS_DISABLED.names();
    disabled.addAll(disabledWorkers);
    return !disabled.contains("*") && !disabled.contains(subscription) && !disabled.contains(worker);
  }
}
