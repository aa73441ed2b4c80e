package io.howdah;

import io.howdah.internal.codec.HeaderText;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What holds for all messages of a stream, also of a queue's own one. It lies in the database. What is null when a stream is
 * made is as the fleet is configured at that time ({@link Howdah#configuration()}); null in {@link Stream#alter} leaves it as
 * it is. What the database tells is never null, but for the time to live.
 *
 * @param retention
 *          how long messages are kept for subscriptions that come later, up to 10 years; default null: as configured, 7 days
 *          if nobody did
 * @param deduplication
 *          how long deduplication keys count, 1 ms to 30 days; default null: as configured, or 5 min
 * @param maxPayloadBytes
 *          the largest payload, 1 byte to 256 MiB; default null: as configured, or 1 MiB
 * @param timeToLive
 *          for how long a message may be delivered that says nothing about it, 1 ms to 10 years; default null: for ever
 * @param headers
 *          headers of every message; those of the message itself come first; default none
 * @param unroutable
 *          what becomes of a message that no subscription takes; default {@link Unroutable.Keep}
 */
public record StreamOptions(@Nullable Duration retention, @Nullable Duration deduplication,
    @Nullable Integer maxPayloadBytes, @Nullable Duration timeToLive, Map<String, String> headers,
    Unroutable unroutable) {

  private static final StreamOptions DEFAULTS = new StreamOptions(null, null, null, null, Map.of(),
      new Unroutable.Keep());

  public StreamOptions {
    if (retention != null) {
      Limits.between("retention", retention, Duration.ZERO, Duration.ofDays(3653));
    }
    if (deduplication != null) {
      Limits.between("deduplication", deduplication, Duration.ofMillis(1), Duration.ofDays(30));
    }
    if (maxPayloadBytes != null) {
      Limits.between("maxPayloadBytes", maxPayloadBytes, 1, 256 << 20);
    }
    if (timeToLive != null) {
      Limits.timeToLive(timeToLive);
    }
    headers = HeaderText.checked(headers);
    Objects.requireNonNull(unroutable, "unroutable");
  }

  public static StreamOptions defaults() {
    return DEFAULTS;
  }

  public StreamOptions withRetention(@Nullable Duration newRetention) {
    return new StreamOptions(newRetention, deduplication, maxPayloadBytes, timeToLive, headers, unroutable);
  }

  public StreamOptions withDeduplication(@Nullable Duration newDeduplication) {
    return new StreamOptions(retention, newDeduplication, maxPayloadBytes, timeToLive, headers, unroutable);
  }

  public StreamOptions withMaxPayloadBytes(@Nullable Integer newMaxPayloadBytes) {
    return new StreamOptions(retention, deduplication, newMaxPayloadBytes, timeToLive, headers, unroutable);
  }

  public StreamOptions withTimeToLive(@Nullable Duration newTimeToLive) {
    return new StreamOptions(retention, deduplication, maxPayloadBytes, newTimeToLive, headers, unroutable);
  }

  public StreamOptions withHeaders(Map<String, String> newHeaders) {
    return new StreamOptions(retention, deduplication, maxPayloadBytes, timeToLive, newHeaders, unroutable);
  }

  public StreamOptions withUnroutable(Unroutable newUnroutable) {
    return new StreamOptions(retention, deduplication, maxPayloadBytes, timeToLive, headers, newUnroutable);
  }
}
