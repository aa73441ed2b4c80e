package io.howdah;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Everything about a delivery but its payload.
 *
 * @param id
 *          the message's id (UUIDv7)
 * @param position
 *          the message's place in the stream it was delivered from
 * @param attempt
 *          1 for the first delivery to this subscription
 * @param topic
 *          routing key, or null
 * @param key
 *          ordering key, or null
 * @param headers
 *          text by name; never null
 * @param publishedAt
 *          when the message was published, by the database's clock
 */
public record Envelope(UUID id, long position, int attempt, @Nullable String topic, @Nullable String key,
    Map<String, String> headers, Instant publishedAt) {

  public Envelope {
    headers = Map.copyOf(headers);
  }
}
