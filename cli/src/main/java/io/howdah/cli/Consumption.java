package io.howdah.cli;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.MessageSource;
import io.howdah.SubscriptionStats;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * Claims, writes, flushes, settles, in this order: a line that stdout has not taken is never settled, and a crash in
 * between can only deliver again. Owned by one thread.
 */
final class Consumption {

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(250);
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final Duration FOLLOWING = Duration.ofMinutes(1);
  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

  /** How much is taken: at most {@code max} in all, {@code batch} at once. */
  record Limits(long max, int batch, Duration lease, boolean follow) {
  }

  private final MessageSource<Json> source;
  private final LineWriter writer;
  private final Signals signals;
  private final Progress progress;

  private long written;
  private Duration pause = SHORTEST_PAUSE;
  /** How long the next claim waits for something to come, or to be permitted. */
  private Duration wait = Duration.ZERO;
  private boolean saidWaiting;
  private boolean inTrouble;

  Consumption(MessageSource<Json> source, LineWriter writer, Signals signals, Progress progress) {
    this.source = source;
    this.writer = writer;
    this.signals = signals;
    this.progress = progress;
  }

  /** Returns when the limits, the end of the messages, a signal or the reader of stdout say so. */
  void run(Limits limits) throws InterruptedException {
    try (LeaseKeeper keeper = LeaseKeeper.start(limits.lease)) {
      while (written < limits.max && !signals.raised()) {
        if (!step(limits, keeper)) {
          break;
        }
      }
    } catch (IOException e) {
      if (!saysClosed(e)) {
        throw new HowdahException(ErrorCode.INTERNAL,
            "cannot write to stdout: " + e.getMessage() + "; what was not written went back to the queue", e);
      }
      progress.note("stdout was closed; what was not written went back to the queue");
    } finally {
      progress.end("");
    }
  }

  /** False when there is nothing left to wait for. */
  private boolean step(Limits limits, LeaseKeeper keeper) throws IOException, InterruptedException {
    try {
      boolean more = moveBatch(limits, keeper) || waitForMore(limits);
      inTrouble = false;
      return more;
    } catch (HowdahException e) {
      if (!limits.follow || !passes(e.code())) {
        throw e;
      }
      if (!inTrouble) {
        progress.note(e.getMessage() + "; trying again");
      }
      inTrouble = true;
      return !signals.await(AFTER_TROUBLE);
    }
  }

  private boolean moveBatch(Limits limits, LeaseKeeper keeper) throws IOException {
    int quantity = (int) Math.min(limits.batch, limits.max - written);
    try (Batch<Json> batch = claim(quantity, limits.lease)) {
      if (batch.isEmpty()) {
        return false;
      }
      keeper.hold(batch);
      try {
        write(batch);
      } finally {
        keeper.letGo();
      }
      settle(batch);
      written += batch.size();
      progress.add(batch.size());
      pause = SHORTEST_PAUSE;
      wait = Duration.ZERO;
      return true;
    }
  }

  private Batch<Json> claim(int quantity, Duration lease) {
    return wait.isZero()
        ? source.claim(quantity, lease)
        : signals.interrupting(() -> source.claim(quantity, lease, wait));
  }

  private void write(Batch<Json> batch) throws IOException {
    for (Delivery<Json> delivery : batch.deliveries()) {
      writer.write(delivery);
    }
    writer.flush();
  }

  private void settle(Batch<Json> batch) {
    try {
      batch.done();
    } catch (HowdahException e) {
      progress.note(batch.size() + " messages were written but could not be settled; they will be delivered again");
      if (e.code() != ErrorCode.LAPSED) {
        throw e;
      }
    }
  }

  /** What is there, or is coming, is waited for with the next claim; for the end of what others hold this looks again. */
  private boolean waitForMore(Limits limits) throws InterruptedException {
    if (!limits.follow) {
      SubscriptionStats stats = source.stats();
      if (stats.ready() > 0) {
        wait = WAIT;
        return !signals.raised();
      }
      wait = Duration.ZERO;
      if (stats.inFlight() == 0) {
        if (stats.scheduled() > 0) {
          progress.note(stats.scheduled() + " messages are not due yet");
        }
        return false;
      }
      if (!saidWaiting) {
        source.nextLapse().ifPresent(lapse -> sayWaiting(stats.inFlight(), lapse));
      }
    }
    if (limits.follow) {
      wait = FOLLOWING;
      return !signals.raised();
    }
    boolean stop = signals.await(pause);
    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
    return !stop;
  }

  /** Once: later leases, and renewals, would only repeat it. */
  private void sayWaiting(long messages, Instant lapse) {
    String at = DateTimeFormatter.ISO_OFFSET_DATE_TIME
        .format(lapse.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneId.systemDefault()));
    progress.note("waiting for " + messages + " messages that other consumers hold; those of a dead one come back when "
        + "its lease lapses, the first at " + at);
    saidWaiting = true;
  }

  private static boolean passes(ErrorCode code) {
    return code == ErrorCode.UNAVAILABLE || code == ErrorCode.TIMEOUT || code == ErrorCode.CONTENTION;
  }

  static boolean saysClosed(IOException e) {
    String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return text.contains("broken pipe") || text.contains("pipe is being closed");
  }
}
