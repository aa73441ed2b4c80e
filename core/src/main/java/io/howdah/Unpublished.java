package io.howdah;

import java.util.UUID;

/**
 * A message that a {@link Publisher} could not publish, as it would have been stored.
 *
 * @param stream
 *          where it was to go
 * @param id
 *          its id: if it was stored after all, under this one, so that publishing it again with {@link Once#id} stores it
 *          once. If the publisher does not retry ({@link PublisherOptions#retryFor()} is zero) and the outcome is unknown,
 *          it may be stored under another
 * @param message
 *          all that it has; the payload as it would have been stored
 * @param reason
 *          with what its future fails
 */
public record Unpublished(String stream, UUID id, Message<Payload> message, HowdahException reason) {

  /** Never shows the payload. */
  @Override
  public String toString() {
    return "message " + id + " for \"" + stream + "\": " + reason.code();
  }
}
