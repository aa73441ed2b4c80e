package io.howdah;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people type and read them: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 7d}; 0 is {@code 0} or {@code 0s}. */
public final class Durations {

  private static final Pattern SHAPE = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)|0");

  private static final Duration LONGEST = Duration.ofDays(36_500);

  private Durations() {
  }

  /** No longer than 100 years, forth or back, so that it can be counted in nanoseconds and added to a clock. */
  public static Duration bounded(Duration duration) {
    return duration.compareTo(LONGEST) > 0
        ? LONGEST
        : duration.compareTo(LONGEST.negated()) < 0 ? LONGEST.negated() : duration;
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException
   *           says what a duration looks like
   */
  public static Duration parse(String text) {
    Matcher duration = SHAPE.matcher(text);
    if (!duration.matches()) {
      throw new IllegalArgumentException(
          "a duration is a whole number and one of ms s m h d, for example 30s, but was \"" + text + "\"");
    }
    if (duration.group(1) == null) {
      return Duration.ZERO;
    }
    long number = Long.parseLong(duration.group(1));
    return switch (duration.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  /** In the largest unit in which it is a whole number; what is no whole number of milliseconds as ISO 8601. */
  public static String text(Duration duration) {
    if (duration.toNanosPart() % 1_000_000 != 0) {
      return duration.toString();
    }
    long millis = duration.toMillis();
    long[] sizes = {86_400_000, 3_600_000, 60_000, 1_000};
    String[] units = {"d", "h", "m", "s"};
    for (int i = 0; i < sizes.length; i++) {
      if (millis >= sizes[i] && millis % sizes[i] == 0) {
        return millis / sizes[i] + units[i];
      }
    }
    return millis == 0 ? "0s" : millis + "ms";
  }
}
