package io.howdah.internal.catalogue;

import io.howdah.LimitOptions;
import io.howdah.internal.codec.HeaderText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Limits as the options that the database knows, all of them named. */
final class LimitText {

  private static final String INFINITE = "infinite";

  private LimitText() {
  }

  /** All of them, as to alter something takes them. */
  static String encode(LimitOptions limits) {
    return PolicyText.object(members(limits));
  }

  /** Those that limit something, as members of an object. */
  static List<String> changes(LimitOptions limits) {
    List<String> members = new ArrayList<>(members(limits));
    members.removeAll(members(LimitOptions.none()));
    return members;
  }

  static List<String> members(LimitOptions limits) {
    return List.of("\"concurrency\": " + number(limits.concurrency()), rate("rate", limits.rate(), limits.ratePeriod()),
        "\"single_active\": " + limits.singleActive(), "\"key_concurrency\": " + number(limits.keyConcurrency()),
        rate("key_rate", limits.keyRate(), limits.keyRatePeriod()));
  }

  private static String rate(String name, @Nullable Integer rate, Duration period) {
    return "\"" + name + "\": " + number(rate) + (rate == null ? "" : ", \"" + name + "_period\": \"" + period + "\"");
  }

  private static String number(@Nullable Integer limit) {
    return limit == null ? "\"" + INFINITE + "\"" : limit.toString();
  }

  static LimitOptions decode(String json) {
    Map<String, String> options = HeaderText.decode(json);
    return new LimitOptions(limit(options, "concurrency"), limit(options, "rate"), period(options, "rate_period"),
        Boolean.parseBoolean(options.get("single_active")), limit(options, "key_concurrency"),
        limit(options, "key_rate"), period(options, "key_rate_period"));
  }

  private static Duration period(Map<String, String> options, String name) {
    return Duration.parse(options.getOrDefault(name, "PT1S"));
  }

  private static @Nullable Integer limit(Map<String, String> options, String name) {
    String value = Objects.requireNonNull(options.get(name), name);
    return value.equals(INFINITE) ? null : Integer.valueOf(value);
  }
}
