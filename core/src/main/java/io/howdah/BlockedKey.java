package io.howdah;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A key of an ordered queue or subscription whose first message has failed and is not tried at this moment.
 *
 * @param key
 *          its key; null for a message without one
 * @param position
 *          of the message
 * @param attempts
 *          deliveries of the message that have failed
 * @param due
 *          when it is tried again; null: when somebody says so
 * @param firstFailedAt
 *          since when the key is blocked
 * @param waiting
 *          messages of the key that wait, this one included; more may lie in the stream
 */
public record BlockedKey(@Nullable String key, long position, UUID id, @Nullable String topic, int attempts,
    @Nullable Instant due, @Nullable String reason, @Nullable String error, Instant firstFailedAt, Instant failedAt,
    long waiting) {
}
