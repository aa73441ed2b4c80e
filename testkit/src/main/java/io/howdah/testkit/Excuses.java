package io.howdah.testkit;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What counts in a history wherever it stands: the consumer that handed a message back may come to record it only after the next one was
 * handed it.
 */
final class Excuses {
  /** One delivery; what came of it is known. */
  private record Holding(String subscription, String message, String token) {
  }

  private final Set<Holding> returned = new HashSet<>();
  private final Set<Holding> unsettled = new HashSet<>();
  private final Set<String> voided = new HashSet<>();
  private final Set<String> rolledBack = new HashSet<>();
  private final Map<String, Long> positions = new HashMap<>();
  private final Map<String, History.Timed> times = new HashMap<>();
  private final Map<String, History.Claimed> claims = new HashMap<>();

  Excuses(List<History.Event> events) {
    events.forEach(this::collect);
  }

  private void collect(History.Event event) {
    if (event instanceof History.Settled e && !ends(e)) {
      returned.add(new Holding(e.subscription(), e.message(), e.token()));
    } else if (event instanceof History.Unsettled e) {
      unsettled.add(new Holding(e.subscription(), e.message(), e.token()));
    } else if (event instanceof History.Voided e) {
      voided.add(e.token());
    } else if (event instanceof History.RolledBack e) {
      rolledBack.add(e.message());
    } else if (event instanceof History.Placed e) {
      positions.put(e.message(), e.position());
    } else if (event instanceof History.Timed e) {
      times.put(e.message(), e);
    } else if (event instanceof History.Claimed e) {
      claims.put(e.token(), e);
    }
  }

  /** Whether the outcome ends a message on its subscription. */
  static boolean ends(History.Settled e) {
    return switch (e.outcome()) {
      case "done", "reject", "archive" -> true;
      case "retry", "release" -> false;
      default -> throw new IllegalStateException("a history knows no outcome " + e.outcome());
    };
  }

  /** Whether the message may come again though it was delivered under the token. */
  boolean excuse(String subscription, String message, String token) {
    return voided.contains(token) || returned.contains(new Holding(subscription, message, token))
        || unsettled.contains(new Holding(subscription, message, token));
  }

  /** Whether what was delivered under the token was given back with retry or release. */
  boolean isReturned(String subscription, String message, String token) {
    return returned.contains(new Holding(subscription, message, token));
  }

  boolean isVoided(String token) {
    return voided.contains(token);
  }

  boolean isRolledBack(String message) {
    return rolledBack.contains(message);
  }

  /** 0: not told. */
  long position(String message) {
    return positions.getOrDefault(message, 0L);
  }

  /** Whether the message may run out of time and never come, or not again. */
  boolean mayExpire(String message) {
    History.Timed timed = times.get(message);
    return timed != null && timed.notAfter() != null;
  }

  History.@Nullable Timed times(String message) {
    return times.get(message);
  }

  History.@Nullable Claimed claim(String token) {
    return claims.get(token);
  }
}
