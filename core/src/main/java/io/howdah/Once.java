package io.howdah;

import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * By what a message is known to be a duplicate: a key, its own id, or both.
 *
 * @param key
 *          1 to 255 bytes without control characters; null: only the id counts
 * @param id
 *          the id that the message is to have; null: the database makes one, and
 *          only the key counts
 * @param window
 *          how long they count, 1 ms to 30 days; null: as long as the stream
 *          says, by default 5 minutes
 * @param untilDone
 *          whether they count until the message is settled by every subscription
 *          instead, however that ends: done, a dead letter, discarded, cancelled,
 *          expired; not together with a window
 */
public record Once(@Nullable String key, @Nullable UUID id, @Nullable Duration window, boolean untilDone) {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(30);

  public Once {
    if (key == null && id == null) {
      throw Limits.invalid("to be published once a message needs a key or an id");
    }
    if (key != null && key.isEmpty()) {
      throw Limits.invalid("a deduplication key must not be empty");
    }
    Limits.key(key);
    if (window != null) {
      Limits.between("window", window, SHORTEST, LONGEST);
      if (untilDone) {
        throw Limits.invalid("a deduplication key counts for a window or until its message is done, not both");
      }
    }
  }

  /** Known by a key. */
  public static Once key(String key) {
    return new Once(Objects.requireNonNull(key, "key"), null, null, false);
  }

  /** Known by its own id. */
  public static Once id(UUID id) {
    return new Once(null, Objects.requireNonNull(id, "id"), null, false);
  }

  public Once withId(@Nullable UUID newId) {
    return new Once(key, newId, window, untilDone);
  }

  public Once withWindow(@Nullable Duration newWindow) {
    return new Once(key, id, newWindow, false);
  }

  /** Counts until the message is settled, instead of for a window. */
  public Once withUntilDone() {
    return new Once(key, id, null, true);
  }
}
