package io.howdah.internal.catalogue;

import io.howdah.StreamOptions;
import io.howdah.Unroutable;
import io.howdah.internal.codec.HeaderText;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The options of a stream as the database knows them. */
public final class StreamText {

  private static final String INFINITE = "infinite";

  private StreamText() {
  }

  static String encode(StreamOptions options) {
    Duration ttl = options.timeToLive();
    String headers = HeaderText.encode(options.headers());
    return "{" + time("retention", options.retention()) + time("once_window", options.deduplication())
        + (options.maxPayloadBytes() == null ? "" : "\"max_payload\": " + options.maxPayloadBytes() + ", ")
        + "\"ttl\": \"" + (ttl == null ? INFINITE : ttl) + "\", \"headers\": " + (headers == null ? "{}" : headers)
        + ", " + unroutable(options.unroutable()) + "}";
  }

  /** What is not said stays as it is, or is as configured. */
  private static String time(String name, @Nullable Duration value) {
    return value == null ? "" : "\"" + name + "\": \"" + value + "\", ";
  }

  private static String unroutable(Unroutable unroutable) {
    return switch (unroutable) {
      case Unroutable.Keep keep -> "\"unroutable\": \"keep\"";
      case Unroutable.Refuse refuse -> "\"unroutable\": \"error\"";
      case Unroutable.Drop drop -> "\"unroutable\": \"drop\"";
      case Unroutable.Park park -> "\"unroutable\": \"park\", \"park_in\": \"" + park.queue() + "\"";
    };
  }

  static StreamOptions decode(String json) {
    Map<String, String> options = HeaderText.decode(json);
    String ttl = option(options, "ttl");
    return new StreamOptions(Duration.parse(option(options, "retention")),
        Duration.parse(option(options, "once_window")), Integer.parseInt(option(options, "max_payload")),
        ttl.equals(INFINITE) ? null : Duration.parse(ttl), HeaderText.decode(option(options, "headers")),
        unroutable(option(options, "unroutable"), options.getOrDefault("park_in", "")));
  }

  /** The words of the database. */
  public static Unroutable unroutable(String word, String parkIn) {
    return switch (word) {
      case "error" -> new Unroutable.Refuse();
      case "drop" -> new Unroutable.Drop();
      case "park" -> new Unroutable.Park(parkIn);
      default -> new Unroutable.Keep();
    };
  }

  private static String option(Map<String, String> options, String name) {
    return Objects.requireNonNull(options.get(name), name);
  }
}
