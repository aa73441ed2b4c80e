package io.howdah.internal.failure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A throwable as text. It may be of a user's class, whose methods throw
 * themselves: its class is always told, the rest if it can be had, and nothing
 * here throws.
 */
public final class ErrorText {

  private static final int MOST = 4_000;
  private static final int MOST_OF_A_LINE = 2_000;
  private static final int MOST_CAUSES = 8;
  private static final StackTraceElement[] NO_FRAMES = {};

  private ErrorText() {
  }

  /** Its class and message. */
  public static String line(Throwable e) {
    String message;
    try {
      message = e.getMessage();
    } catch (Throwable unreadable) {
      message = "(its message cannot be read: " + unreadable.getClass().getName() + ")";
    }
    return message == null ? e.getClass().getName() : e.getClass().getName() + ": " + message;
  }

  /**
   * Its class and message, its stack, and the same of what caused it, at most
   * 4,000 characters: each throwable gets an equal share of them, and what a short
   * one leaves goes to the next.
   */
  public static String trace(Throwable e) {
    List<Throwable> chain = chain(e);
    StringBuilder text = new StringBuilder();
    StackTraceElement[] enclosing = NO_FRAMES;
    for (int i = 0; i < chain.size(); i++) {
      int until = text.length() + (MOST - text.length()) / (chain.size() - i);
      StackTraceElement[] frames = frames(chain.get(i));
      text.append(shortened((i == 0 ? "" : "\nCaused by: ") + line(chain.get(i)), until - text.length()));
      appendFrames(text, frames, frames.length - common(frames, enclosing), until);
      enclosing = frames;
    }
    return text.toString();
  }

  /**
   * For a log, which asks it for everything: itself, or what can be had of it if
   * it cannot be read.
   */
  public static Throwable readable(Throwable e) {
    for (Throwable each : chain(e)) {
      String text = had(each::toString);
      if (text == null) {
        RuntimeException standIn = new RuntimeException(line(e));
        standIn.setStackTrace(frames(e));
        return standIn;
      }
    }
    return e;
  }

  private static List<Throwable> chain(Throwable e) {
    List<Throwable> chain = new ArrayList<>();
    Set<Throwable> known = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable next = e; next != null && chain.size() < MOST_CAUSES
        && known.add(next); next = had(next::getCause)) {
      chain.add(next);
    }
    return chain;
  }

  private static StackTraceElement[] frames(Throwable e) {
    StackTraceElement[] frames = had(e::getStackTrace);
    return frames == null ? NO_FRAMES : frames;
  }

  /** Null if it throws. */
  private static <R> @Nullable R had(Supplier<@Nullable R> part) {
    try {
      return part.get();
    } catch (Throwable unreadable) {
      return null;
    }
  }

  /** How many frames at the end are those of the throwable around it. */
  private static int common(StackTraceElement[] frames, StackTraceElement[] enclosing) {
    int common = 0;
    while (common < frames.length && common < enclosing.length
        && frames[frames.length - 1 - common].equals(enclosing[enclosing.length - 1 - common])) {
      common++;
    }
    return common;
  }

  private static void appendFrames(StringBuilder text, StackTraceElement[] frames, int count, int until) {
    for (int i = 0; i < count; i++) {
      String frame = "\n\tat " + frames[i];
      if (text.length() + frame.length() > until) {
        return;
      }
      text.append(frame);
    }
  }

  private static String shortened(String line, int room) {
    int most = Math.min(MOST_OF_A_LINE, room);
    return line.length() <= most ? line : line.substring(0, most - 1) + "…";
  }
}
