package io.howdah.internal.catalogue;

import io.howdah.LimitOptions;
import io.howdah.internal.codec.HeaderText;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Limits as the options that the database knows, all of them named. */
final class LimitText {

  private static final String INFINITE = "infinite";

  private LimitText() {
  }

  static String encode(LimitOptions limits) {
    return "{\"concurrency\": " + number(limits.concurrency()) + ", \"rate\": " + number(limits.rate())
        + (limits.rate() == null ? "" : ", \"rate_period\": \"" + limits.ratePeriod() + "\"") + ", \"single_active\": "
        + limits.singleActive() + "}";
  }

  private static String number(@Nullable Integer limit) {
    return limit == null ? "\"" + INFINITE + "\"" : limit.toString();
  }

  static LimitOptions decode(String json) {
    Map<String, String> options = HeaderText.decode(json);
    return new LimitOptions(limit(options, "concurrency"), limit(options, "rate"),
        Duration.parse(options.getOrDefault("rate_period", "PT1S")),
        Boolean.parseBoolean(options.get("single_active")));
  }

  private static @Nullable Integer limit(Map<String, String> options, String name) {
    String value = Objects.requireNonNull(options.get(name), name);
    return value.equals(INFINITE) ? null : Integer.valueOf(value);
  }
}
