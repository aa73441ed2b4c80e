package io.howdah.internal.catalogue;

import io.howdah.Ordering;
import io.howdah.Ordering.Order;
import io.howdah.Partition;
import io.howdah.RetryPolicy;
import io.howdah.RetryPolicy.AfterLast;
import io.howdah.RetryPolicy.Backoff;
import io.howdah.SubscriptionOptions;
import io.howdah.SubscriptionOptions.AfterExpiry;
import io.howdah.internal.codec.HeaderText;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A retry policy and an ordering as the options that the database knows, all of them named. */
final class PolicyText {

  private static final String INFINITE = "infinite";
  private static final Pattern TIME = Pattern.compile("\"([^\"]*)\"");

  private PolicyText() {
  }

  static String encode(RetryPolicy policy) {
    Integer attempts = policy.maxAttempts();
    return "{\"max_attempts\": " + (attempts == null ? quoted(INFINITE) : attempts.toString()) + ", "
        + backoff(policy.backoff())
        + (policy.backoff() instanceof Backoff.None ? "" : ", \"jitter\": " + policy.jitter()) + ", \"after_last\": "
        + quoted(policy.afterLast().name().toLowerCase(Locale.ROOT)) + "}";
  }

  static String encode(Ordering ordering) {
    return "{\"ordering\": " + quoted(ordering.order().name().toLowerCase(Locale.ROOT)) + ", \"blocking\": "
        + ordering.blocking() + "}";
  }

  /** Both, or what is there of them; null for neither. */
  static @Nullable String encode(@Nullable Ordering ordering, @Nullable RetryPolicy policy) {
    if (ordering == null) {
      return policy == null ? null : encode(policy);
    }
    return policy == null ? encode(ordering) : joined(encode(ordering), encode(policy));
  }

  static String encode(SubscriptionOptions options) {
    Ordering ordering = options.ordering();
    Partition partition = options.partition();
    Duration expiry = options.expiresAfter();
    String others = "{\"expires_after\": " + quoted(expiry == null ? "never" : expiry) + ", \"partition\": "
        + quoted(partition == null ? "all" : partition.number() + " of " + partition.count()) + ", \"after_expiry\": "
        + quoted(options.afterExpiry().name().toLowerCase(Locale.ROOT)) + "}";
    String how = joined(encode(options.retries()), LimitText.encode(options.limits()));
    return joined(ordering == null ? others : joined(encode(ordering), others), how);
  }

  private static String joined(String object, String other) {
    return object.substring(0, object.length() - 1) + ", " + other.substring(1);
  }

  static SubscriptionOptions decodeAll(String json) {
    Map<String, String> options = HeaderText.decode(json);
    Ordering ordering = decodeOrdering(json);
    String expiry = option(options, "expires_after");
    String[] part = option(options, "partition").split(" of ");
    return new SubscriptionOptions(decode(json), ordering.isOrdered() ? ordering : null,
        expiry.equals("never") ? null : Duration.parse(expiry),
        part.length == 1 ? null : Partition.of(Integer.parseInt(part[0]), Integer.parseInt(part[1])),
        LimitText.decode(json), AfterExpiry.valueOf(option(options, "after_expiry").toUpperCase(Locale.ROOT)));
  }

  static Ordering decodeOrdering(String json) {
    Map<String, String> options = HeaderText.decode(json);
    return new Ordering(Order.valueOf(option(options, "ordering").toUpperCase(Locale.ROOT)),
        Boolean.parseBoolean(option(options, "blocking")));
  }

  private static String backoff(Backoff backoff) {
    return switch (backoff) {
      case Backoff.None none -> "\"backoff\": \"none\"";
      case Backoff.Fixed fixed -> "\"backoff\": \"fixed\", \"delay\": " + quoted(fixed.delay());
      case Backoff.Steps steps -> "\"backoff\": \"list\", \"delays\": "
          + steps.delays().stream().map(PolicyText::quoted).collect(Collectors.joining(", ", "[", "]"));
      case Backoff.Exponential growing ->
        "\"backoff\": \"exponential\", \"base\": " + quoted(growing.base()) + ", \"cap\": " + quoted(growing.cap());
    };
  }

  private static String quoted(Object value) {
    return "\"" + value + "\"";
  }

  static RetryPolicy decode(String json) {
    Map<String, String> options = HeaderText.decode(json);
    String attempts = option(options, "max_attempts");
    Backoff backoff = switch (option(options, "backoff")) {
      case "none" -> new Backoff.None();
      case "fixed" -> new Backoff.Fixed(time(options, "delay"));
      case "list" -> new Backoff.Steps(times(option(options, "delays")));
      default -> new Backoff.Exponential(time(options, "base"), time(options, "cap"));
    };
    return new RetryPolicy(backoff, Double.parseDouble(options.getOrDefault("jitter", "0")),
        attempts.equals(INFINITE) ? null : Integer.valueOf(attempts),
        AfterLast.valueOf(option(options, "after_last").toUpperCase(Locale.ROOT)));
  }

  private static String option(Map<String, String> options, String name) {
    return Objects.requireNonNull(options.get(name), name);
  }

  private static Duration time(Map<String, String> options, String name) {
    return Duration.parse(option(options, name));
  }

  private static List<Duration> times(String array) {
    return TIME.matcher(array).results().map((MatchResult time) -> Duration.parse(time.group(1))).toList();
  }
}
