package io.howdah.testkit;

import io.howdah.testkit.HistoryChecker.Order;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a history tells of one subscription, up to the event that is being read. */
final class Reader {
  private final Order order;
  private final Map<String, Reception> receptions = new HashMap<>();
  private final Map<Long, String> atPosition = new HashMap<>();
  private final Map<String, Lane> lanes = new HashMap<>();
  private final Map<String, Set<Lane>> lanesOfToken = new HashMap<>();

  /** What is known of a message here. */
  static final class Reception {
    private @Nullable String token;
    private long position;
    private boolean ended;
    private boolean maybeEnded;
    private int deliveries;
    private int retries;
    private int releases;

    /** Under which it was delivered last; null: never. */
    @Nullable
    String token() {
      return token;
    }

    /** Where it was when it came first; 0: not known. */
    long position() {
      return position;
    }

    boolean isEnded() {
      return ended;
    }

    boolean mayHaveEnded() {
      return ended || maybeEnded;
    }

    /** No attempt is lower: each retry that was accepted before is counted. */
    int fewestAttempts() {
      return 1 + retries;
    }

    /** No attempt is higher, if each delivery was seen: what was handed back is not counted. */
    int mostAttempts() {
      return 1 + deliveries - releases;
    }

    void delivered(String newToken, long firstPosition) {
      if (token == null) {
        position = firstPosition;
      }
      token = newToken;
      deliveries++;
    }

    void settled(String outcome) {
      switch (outcome) {
        case "retry" -> retries++;
        case "release" -> releases++;
        default -> ended = true;
      }
    }

    void unsettled() {
      maybeEnded = true;
    }
  }

  Reader(Order order) {
    this.order = order;
  }

  Reception reception(String message) {
    return receptions.computeIfAbsent(message, name -> new Reception());
  }

  /** The message that was first delivered at the position before; null: none was. */
  @Nullable
  String at(long position, String message) {
    return atPosition.putIfAbsent(position, message);
  }

  /** Those whose order a message has to keep; null: nobody's. */
  @Nullable
  Lane lane(@Nullable String key) {
    return switch (order) {
      case ANY -> null;
      case KEY -> key == null ? null : lanes.computeIfAbsent(key, name -> new Lane());
      case STRICT -> lanes.computeIfAbsent("", name -> new Lane());
    };
  }

  void takes(String token, Lane lane) {
    lanesOfToken.computeIfAbsent(token, name -> new HashSet<>()).add(lane);
  }

  /** The lanes that have messages under the token, which holds them no longer. */
  Set<Lane> leave(String token) {
    return Objects.requireNonNullElse(lanesOfToken.remove(token), Set.of());
  }
}
