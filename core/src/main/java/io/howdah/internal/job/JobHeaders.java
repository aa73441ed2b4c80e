package io.howdah.internal.job;

import io.howdah.JobOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code howdah.create_job} keeps of a job in the headers of its message. */
public final class JobHeaders {

  public static final String ACTION = "howdah.action";

  /** The longest timeout that a job may have. */
  public static final Duration LONGEST = Duration.ofDays(1);

  private static final Duration SHORTEST = Duration.ofMillis(10);

  private static final Pattern NUMBER = Pattern.compile("\\d{1,17}");

  private JobHeaders() {
  }

  /** The defaults stand for what is not there, or no number: the message may have been published by hand. */
  public static JobOptions options(Map<String, String> headers) {
    JobOptions options = JobOptions.defaults();
    Long timeout = number(headers, "howdah.timeout");
    Long maxBackoff = number(headers, "howdah.max-backoff");
    Long maxAttempts = number(headers, "howdah.max-attempts");
    Long at = number(headers, "howdah.at");
    return new JobOptions(timeout == null ? options.timeout() : between(Duration.ofMillis(timeout), SHORTEST, LONGEST),
        maxBackoff == null ? options.maxBackoff() : Duration.ofMillis(maxBackoff),
        maxAttempts == null ? options.maxAttempts() : (int) Math.min(maxAttempts, Integer.MAX_VALUE),
        at == null ? null : Instant.EPOCH.plus(at, ChronoUnit.MICROS));
  }

  private static Duration between(Duration given, Duration least, Duration most) {
    return given.compareTo(least) < 0 ? least : given.compareTo(most) > 0 ? most : given;
  }

  private static @Nullable Long number(Map<String, String> headers, String name) {
    String text = headers.get(name);
    return text != null && NUMBER.matcher(text).matches() ? Long.valueOf(text) : null;
  }
}
