package io.howdah;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message that waits for its time.
 *
 * @param id
 *          the message's id
 * @param subscription
 *          whose retry it is; null for a delayed message, which nobody has seen yet
 * @param due
 *          when it enters the stream, or comes back
 * @param attempt
 *          how often it has failed; 0 for a delayed message
 * @param reason
 *          why it is retried, if the consumer said so
 * @param content
 *          what it says
 */
public record ScheduledMessage(UUID id, @Nullable String subscription, Instant due, int attempt,
    @Nullable String reason, Message<Payload> content) {
}
