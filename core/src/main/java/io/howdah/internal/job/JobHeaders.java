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

  private static final Duration LONGEST_BACKOFF = Duration.ofDays(3653);

  private static final int MOST_ATTEMPTS = 30_000;

  private static final Pattern NUMBER = Pattern.compile("\\d{1,17}");

  private JobHeaders() {
  }

  /** The defaults stand for what is not there, or no number that a job
   * may have: the message may have been published by hand. */
  public static JobOptions options(Map<String, String> headers) {
    JobOptions options = JobOptions.defaults();
    Long timeout = number(headers, "howdah.timeout", SHORTEST.toMillis(), LONGEST.toMillis());
    Long maxBackoff = number(headers, "howdah.max-backoff", 0, LONGEST_BACKOFF.toMillis());
    Long maxAttempts = number(headers, "howdah.max-attempts", 1, MOST_ATTEMPTS);
    Long at = number(headers, "howdah.at", 0, Long.MAX_VALUE);
    return new JobOptions(timeout == null ? options.timeout() : Duration.ofMillis(timeout),
        maxBackoff == null ? options.maxBackoff() : Duration.ofMillis(maxBackoff),
        maxAttempts == null ? options.maxAttempts() : maxAttempts.intValue(),
        at == null ? null : Instant.EPOCH.plus(at, ChronoUnit.MICROS));
  }

  private static @Nullable Long number(Map<String, String> headers, String name, long least, long most) {
    String text = headers.get(name);
    if (text == null || !NUMBER.matcher(text).matches()) {
      return null;
    }
    long number = Long.parseLong(text);
    return number < least || number > most ? null : number;
  }
}
