package io.howdah;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message that a subscription has given up.
 *
 * @param number
 *          its place among all dead letters; the next page begins after it
 * @param subscription
 *          who has given it up
 * @param id
 *          the message's id; it stays the same when it is redriven
 * @param message
 *          payload, topic, key and headers
 * @param publishedAt
 *          when the message was published
 * @param failure
 *          why it was given up
 */
public record DeadLetter(long number, String subscription, UUID id, Message<Payload> message, Instant publishedAt,
    Failure failure) {

  /**
   * Why, and when.
   *
   * @param attempts
   *          deliveries that have failed, or whose consumer has died
   * @param reason
   *          in a few words: that of the handler's answer, or {@code lapsed},
   *          {@code undecodable}, {@code attempts used up}, {@code rejected}
   * @param error
   *          what went wrong the last time, or null
   * @param first
   *          when it failed for the first time; if it only lapsed, when its last
   *          lease ran out
   * @param last
   *          when it was given up
   */
  public record Failure(int attempts, String reason, @Nullable String error, Instant first, Instant last) {
    public Failure {
      Objects.requireNonNull(reason, "reason");
    }
  }

  /** Names the message; never shows its payload. */
  @Override
  public String toString() {
    return "dead letter " + id + " of " + subscription + ": " + failure.reason();
  }
}
