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
 * @param error
 *          what went wrong the last time, if the consumer said so, at most 8,000
 *          characters
 * @param content
 *          what it says
 */
public record ScheduledMessage(UUID id, @Nullable String subscription, Instant due, int attempt,
    @Nullable String reason, @Nullable String error, Message<Payload> content) {
}
