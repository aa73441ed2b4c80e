package io.howdah;

import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * Where messages go: a {@link Queue}, a {@link Stream}, or either of them in
 * the caller's transaction. Every call is one statement. Errors:
 * {@link ErrorCode#NOT_FOUND} if there is no such stream,
 * {@link ErrorCode#UNROUTABLE} if the stream refuses what nobody takes,
 * {@link ErrorCode#INVALID} if the database refuses a message,
 * {@link ErrorCode#UNAVAILABLE} with "outcome unknown" if the connection was
 * lost on the way.
 */
public sealed interface MessageSink<T> permits Queue, Stream, TransactionSink {

  /** Publishes one payload; returns the id of the message once it is stored. */
  default UUID publish(T payload) {
    return publish(Message.of(payload));
  }

  /** Publishes one message; returns its id once it is stored. */
  UUID publish(Message<T> message);

  /**
   * Publishes one message and tells which subscriptions take it. Looks at every
   * binding of the stream, which {@link #publish(Message)} does not.
   */
  Receipt publishRouted(Message<T> message);

  /**
   * Publishes payloads in this order, all or nothing, at most 100,000; returns
   * the ids in the same order.
   */
  default List<UUID> publishAll(List<T> payloads) {
    return publishAllMessages(payloads.stream().map(Message::of).toList());
  }

  /**
   * Publishes messages in this order, all or nothing, at most 100,000; returns
   * the ids in the same order.
   */
  List<UUID> publishAllMessages(List<Message<T>> messages);

  /**
   * Publishes a message unless one with the same key or id was published to this
   * stream within the window. While another transaction that has used the key is
   * open this waits; when that one rolls back, this message is published. After a
   * lost connection the same call again is safe.
   */
  Published publishOnce(Message<T> message, Once once);

  /**
   * {@link #publishOnce} for up to 8,192 messages in one statement: each is
   * stored unless its own key or id was used. The answers are in the order of the
   * messages.
   *
   * @param once
   *          the key or id of each message; all with the same window
   */
  default List<Published> publishAllOnce(List<Message<T>> messages, Function<Message<T>, Once> once) {
    return publishAllOnce(messages, messages.stream().map(once).toList());
  }

  /** {@link #publishAllOnce(List, Function)} with the keys or ids in the order of the messages. */
  List<Published> publishAllOnce(List<Message<T>> messages, List<Once> onces);
}
