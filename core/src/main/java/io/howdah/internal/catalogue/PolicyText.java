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
import java.util.ArrayList;
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

  /** All of it, as to alter something takes it. */
  static String encode(RetryPolicy policy) {
    return object(members(policy));
  }

  static String encode(Ordering ordering) {
    return object(members(ordering));
  }

  private static List<String> members(RetryPolicy policy) {
    Integer attempts = policy.maxAttempts();
    return List.of("\"max_attempts\": " + (attempts == null ? quoted(INFINITE) : attempts.toString()),
        backoff(policy.backoff())
            + (policy.backoff() instanceof Backoff.None ? "" : ", \"jitter\": " + policy.jitter()),
        "\"after_last\": " + quoted(policy.afterLast().name().toLowerCase(Locale.ROOT)));
  }

  private static List<String> members(Ordering ordering) {
    return List.of("\"ordering\": " + quoted(ordering.order().name().toLowerCase(Locale.ROOT)),
        "\"blocking\": " + ordering.blocking());
  }

  /**
   * To create something: what differs from the defaults. The others may have been
   * changed since, where it is there already, and that is no contradiction.
   */
  static String encode(@Nullable Ordering ordering, @Nullable RetryPolicy policy) {
    return object(changes(ordering, policy == null ? RetryPolicy.defaults() : policy));
  }

  /** The same. */
  static String encode(SubscriptionOptions options) {
    List<String> members = members(options);
    members.removeAll(members(SubscriptionOptions.defaults()));
    return object(members);
  }

  /** All of them, as to alter a subscription takes them; the order only if it is given. */
  static String encodeAll(SubscriptionOptions options) {
    return object(members(options));
  }

  private static List<String> members(SubscriptionOptions options) {
    Ordering ordering = options.ordering();
    Partition partition = options.partition();
    Duration expiry = options.expiresAfter();
    List<String> members = new ArrayList<>(members(options.retries()));
    if (ordering != null) {
      members.addAll(members(ordering));
    }
    members.add("\"expires_after\": " + quoted(expiry == null ? "never" : expiry));
    members
        .add("\"partition\": " + quoted(partition == null ? "all" : partition.number() + " of " + partition.count()));
    members.add("\"after_expiry\": " + quoted(options.afterExpiry().name().toLowerCase(Locale.ROOT)));
    members.addAll(LimitText.members(options.limits()));
    return members;
  }

  private static List<String> changes(@Nullable Ordering ordering, RetryPolicy policy) {
    List<String> members = new ArrayList<>(members(policy));
    members.removeAll(members(RetryPolicy.defaults()));
    if (ordering != null) {
      members.addAll(members(ordering));
    }
    return members;
  }

  static String object(List<String> members) {
    return members.stream().collect(Collectors.joining(", ", "{", "}"));
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
