package io.howdah;

import io.howdah.internal.stream.Fusion;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Publishes single messages of many threads together: what waits while a
 * statement is on its way leaves with the next one, so that a commit is shared.
 * A message waits for others for
 * {@link PublisherOptions#flushInterval()} at most. Safe for, and made for, several threads.
 *
 * <p>
 * Messages with the same key are stored in the order in which publish was
 * called; messages without a key keep their order only with one lane.
 */
public final class Publisher<T> implements AutoCloseable {

  private final Fusion<T> fusion;
  private final Consumer<AutoCloseable> onClose;

  Publisher(Fusion<T> fusion, Consumer<AutoCloseable> onClose) {
    this.fusion = fusion;
    this.onClose = onClose;
  }

  /** {@link #publish(Message)} of a payload and nothing else. */
  public CompletableFuture<UUID> publish(T payload) {
    return publish(Message.of(payload));
  }

  /**
   * Hands a message over; the future ends with its id once it is stored, or with
   * a {@link HowdahException}: {@link ErrorCode#UNAVAILABLE} if the database
   * stayed away for {@link PublisherOptions#retryFor()}, {@link ErrorCode#INVALID} if the database refused this one
   * message. What depends on the future runs on a thread that ends the futures of
   * several messages, in any order. It may wait, publish and flush; the others then
   * end a little later, up to 10 ms.
   *
   * @throws HowdahException
   *           {@link ErrorCode#INVALID} if the message cannot be encoded,
   *           {@link ErrorCode#TIMEOUT} if there was no room for
   *           {@link PublisherOptions#timeout()}, {@link ErrorCode#CLOSED}
   */
  public CompletableFuture<UUID> publish(Message<T> message) {
    return fusion.publish(message);
  }

  /**
   * Waits until the future of every message handed over before this call has
   * ended.
   *
   * @throws HowdahException
   *           {@link ErrorCode#TIMEOUT} if that takes longer than
   *           {@link PublisherOptions#timeout()}
   */
  public void flush() {
    fusion.flush();
  }

  public PublisherStats stats() {
    return fusion.stats();
  }

  /**
   * Takes no more messages and sends those that wait, within
   * {@link PublisherOptions#timeout()}.
   */
  @Override
  public void close() {
    fusion.close();
    onClose.accept(this);
  }
}
