package io.howdah;

import java.time.Instant;
import java.util.UUID;

/**
 * A message that was handled and kept.
 *
 * @param number
 *          its place among all archived messages; the next page begins after it
 * @param subscription
 *          whose consumer has archived it
 * @param id
 *          the message's id
 * @param message
 *          payload, topic, key and headers
 * @param attempts
 *          deliveries that it took
 * @param publishedAt
 *          when it was published
 * @param archivedAt
 *          when it was settled
 */
public record ArchivedMessage(long number, String subscription, UUID id, Message<Payload> message, int attempts,
    Instant publishedAt, Instant archivedAt) {

  /** Names the message; never shows its payload. */
  @Override
  public String toString() {
    return "archived message " + id + " of " + subscription;
  }
}
