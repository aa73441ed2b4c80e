package io.howdah;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How messages are collected into batches, over several claims.
 *
 * @param size
 *          most messages of a batch, 1 to 10,000
 * @param longestWait
 *          how long the first message of a batch waits for others, 1 ms to 1 h;
 *          its lease is renewed meanwhile
 * @param part
 *          splits a batch: messages with equal values are a part, and each part is
 *          a call of the handler of its own, which succeeds, fails and is retried
 *          by itself; null: one part
 */
public record Batching<T>(int size, Duration longestWait, @Nullable Function<Delivery<T>, ?> part) {

  public Batching {
    Limits.quantity("size", size);
    Limits.between("longestWait", longestWait, Duration.ofMillis(1), Duration.ofHours(1));
  }

  public static <T> Batching<T> of(int size, Duration longestWait) {
    return new Batching<>(size, longestWait, null);
  }

  /** The same, with batches split by this value, which may not be null. */
  public Batching<T> splitBy(Function<Delivery<T>, ?> newPart) {
    return new Batching<>(size, longestWait, Objects.requireNonNull(newPart, "part"));
  }
}
