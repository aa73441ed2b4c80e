package io.howdah.internal.stream;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A message on its way: in the order of {@code number}, accepted at a
 * {@code nanoTime}, its bytes reserved
 * until the future has ended.
 */
record Pending(long number, long acceptedAt, Encoded message, int bytes, CompletableFuture<UUID> future) {
}
