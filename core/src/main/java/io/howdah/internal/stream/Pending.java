package io.howdah.internal.stream;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A message on its way: in the order of {@code number}, its bytes reserved
 * until the future has ended.
 */
record Pending(long number, Encoded message, int bytes, CompletableFuture<UUID> future) {
}
