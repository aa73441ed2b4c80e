package io.howdah.testkit;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The messages of one key, or of one strict subscription, that were delivered: who has them, and which have not ended. */
final class Lane {
  /** By token; a zombie's stay here until it settles. */
  private final Map<String, Set<String>> held = new HashMap<>();
  private final Set<String> inFlight = new HashSet<>();
  private final TreeMap<Long, String> open = new TreeMap<>();
  private long newest;

  /** The highest position of those that were delivered before; the given one takes part from now on. */
  long pass(long position) {
    long before = newest;
    newest = Math.max(newest, position);
    return before;
  }

  /** Says which other message is in flight under another token; null: none is. What is void is not in flight. */
  @Nullable
  String otherInFlight(String message, String token, Predicate<String> isVoid) {
    inFlight.removeIf(isVoid);
    for (String hand : inFlight) {
      if (!hand.equals(token)) {
        for (String other : hand(hand)) {
          if (!other.equals(message)) {
            return "%s was in flight under %s".formatted(other, hand);
          }
        }
      }
    }
    return null;
  }

  /** The first message before this position that was delivered, has not ended, and is not under the same token; null: none. */
  @Nullable
  String openBefore(long position, String token) {
    for (String message : open.headMap(position).values()) {
      if (!hand(token).contains(message)) {
        return message;
      }
    }
    return null;
  }

  void delivered(String message, String token) {
    held.computeIfAbsent(token, name -> new HashSet<>()).add(message);
    inFlight.add(token);
  }

  /** It has to end before another of a higher position is delivered. */
  void opened(String message, long position) {
    open.put(position, message);
  }

  /** What is under the token; it is not in flight any more. */
  Set<String> settling(String token) {
    inFlight.remove(token);
    Set<String> hand = held.remove(token);
    return hand == null ? Set.of() : hand;
  }

  void settled(String message, String token) {
    Set<String> hand = held.get(token);
    if (hand != null) {
      hand.remove(message);
    }
  }

  void ended(long position) {
    open.remove(position);
  }

  private Set<String> hand(String token) {
    return held.getOrDefault(token, Set.of());
  }
}
