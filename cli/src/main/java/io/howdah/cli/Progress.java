package io.howdah.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;

/** Counts, and tells people on stderr: a moving line on a terminal, notes, and the sum at the end. Thread-safe. */
final class Progress {

  private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
  private static final String CLEAR = "\r\033[K";

  /** Set by the launcher to those of {@code out} and {@code err} that are terminals. JDK 21 has no way to ask. */
  private static final String TERMINALS = System.getProperty("howdah.terminals", "");

  private final PrintWriter err;
  private final String verb;
  private final boolean moving;
  private final ReentrantLock lock = new ReentrantLock();
  private long count;
  private long started = System.nanoTime();
  private long drawn = started;

  private Progress(PrintWriter err, String verb, boolean moving) {
    this.err = err;
    this.verb = verb;
    this.moving = moving;
  }

  static Progress of(PrintWriter err, String verb) {
    return new Progress(err, verb, onTerminal());
  }

  /** For a command whose output may go to the same terminal, where a moving line would only be in the way. */
  static Progress besideOutput(PrintWriter err, String verb) {
    return new Progress(err, verb, onTerminal() && !TERMINALS.contains("out"));
  }

  static boolean onTerminal() {
    return TERMINALS.contains("err");
  }

  void add(long more) {
    lock.lock();
    try {
      count += more;
      long now = System.nanoTime();
      if (moving && now - drawn > REDRAW_NANOS) {
        drawn = now;
        err.print(CLEAR + sum());
        err.flush();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A line of its own. */
  void note(String text) {
    lock.lock();
    try {
      err.println((moving ? CLEAR : "") + "howdah: " + text);
      err.flush();
    } finally {
      lock.unlock();
    }
  }

  void end(String appendix) {
    lock.lock();
    try {
      err.println((moving ? CLEAR : "") + sum() + appendix);
      err.flush();
    } finally {
      lock.unlock();
    }
  }

  private String sum() {
    double seconds = Math.max(1, System.nanoTime() - started) / 1e9;
    return String.format(Locale.ROOT, "%s %d messages in %.1f s (%.0f/s)", verb, count, seconds, count / seconds);
  }
}
