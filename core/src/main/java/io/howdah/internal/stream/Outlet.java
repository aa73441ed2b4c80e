package io.howdah.internal.stream;

import io.howdah.Codec;
import io.howdah.Cron;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.Payload;
import io.howdah.Published;
import io.howdah.Receipt;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.SqlErrors;
import io.howdah.internal.recurring.RecurringFunctions;
import io.howdah.internal.wakeup.Bell;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Publishes to one stream: by itself, or in the caller's transaction. */
public final class Outlet<T> {

  private static final int MOST_MESSAGES = 100_000;

  private final String stream;
  private final Codec<T> codec;
  private final Connections connections;
  private final Bell bell;
  private final Creation creation;
  private final boolean requireTransaction;

  public Outlet(Codec<T> codec, Connections connections, Bell bell, Creation creation, boolean requireTransaction) {
    this.stream = creation.queue();
    this.codec = codec;
    this.connections = connections;
    this.bell = bell;
    this.creation = creation;
    this.requireTransaction = requireTransaction;
  }

  public String stream() {
    return stream;
  }

  public UUID publish(Message<T> message) {
    Encoded encoded = encode(message);
    return commit(c -> StreamFunctions.publish(c, stream, encoded));
  }

  public Receipt publishRouted(Message<T> message) {
    Encoded encoded = encode(message);
    return commit(c -> StreamFunctions.publishRouted(c, stream, encoded));
  }

  public Receipt publishRouted(Connection caller, Message<T> message) {
    Encoded encoded = encode(message);
    return inTransaction(caller, c -> StreamFunctions.publishRouted(c, stream, encoded));
  }

  private <R> R commit(Connections.Work<R> work) {
    refuseOutsideOfTransaction(true);
    R answer = creation.commit(connections, "publishing to " + stream, work);
    bell.committed(stream);
    return answer;
  }

  private <R> R inTransaction(Connection caller, Connections.Work<R> work) {
    try {
      refuseOutsideOfTransaction(caller.getAutoCommit());
      R answer = creation.run(caller, work);
      ringAfter(caller);
      return answer;
    } catch (SQLException e) {
      throw SqlErrors.translate(e);
    }
  }

  /** For what publishes by itself, such as a publisher. */
  public void refuseOutsideOfTransaction(boolean outside) {
    if (outside && requireTransaction) {
      throw new HowdahException(ErrorCode.UNSUPPORTED,
          "publishing to \"" + stream
              + "\" outside of a transaction is refused, as PublishRules say; use in(connection)"
              + " with auto-commit off");
    }
  }

  public List<UUID> publish(List<Message<T>> messages) {
    return messages.isEmpty() ? List.of() : List.of(send(encode(messages)));
  }

  public UUID publish(Connection caller, Message<T> message) {
    Encoded encoded = encode(message);
    return inTransaction(caller, c -> StreamFunctions.publish(c, stream, encoded));
  }

  public List<UUID> publish(Connection caller, List<Message<T>> messages) {
    if (messages.isEmpty()) {
      return List.of();
    }
    List<Encoded> encoded = encode(messages);
    return List.of(inTransaction(caller, c -> StreamFunctions.publishMany(c, stream, encoded)));
  }

  public Published publishOnce(Message<T> message, Once once) {
    Encoded encoded = encode(message);
    return commit(c -> StreamFunctions.publishOnce(c, stream, encoded, once));
  }

  public Published publishOnce(Connection caller, Message<T> message, Once once) {
    Encoded encoded = encode(message);
    return inTransaction(caller, c -> StreamFunctions.publishOnce(c, stream, encoded, once));
  }

  public void deduplicate(Duration window) {
    connections.call(c -> StreamFunctions.deduplicate(c, stream, window));
  }

  /** Has a message published again and again. */
  public Optional<Instant> repeat(String name, Cron cron, Message<T> message) {
    if (!message.delay().isZero() || message.due() != null || message.timeToLive() != null) {
      throw new HowdahException(ErrorCode.INVALID,
          "a recurring message has no delay, due time or time to live of its own; leave the first two to the cron"
              + " expression, and the last to the stream");
    }
    Message<Json> text = new Message<>(new Json(text(message.payload())), message.topic(), message.key(),
        message.headers(), message.delay(), null);
    Optional<Instant> next = connections.call(c -> RecurringFunctions.create(c, name, stream, cron, text));
    bell.committed(stream);
    return next;
  }

  private void ringAfter(Connection caller) throws SQLException {
    if (caller.getAutoCommit()) {
      bell.committed(stream);
    } else {
      bell.maybeCommitted(stream);
    }
  }

  /** A payload as the database takes it where it must be JSON. */
  public String text(T payload) {
    Payload encoded = encode(Message.of(payload)).payload();
    if (encoded instanceof Json json) {
      return json.text();
    }
    throw new HowdahException(ErrorCode.UNSUPPORTED, "params of jobs and recurring messages are JSON, not " + encoded
        + "; use a codec of JSON, and store large content elsewhere");
  }

  Encoded encode(Message<T> message) {
    return Encoded.of(message, codec);
  }

  private List<Encoded> encode(List<Message<T>> messages) {
    if (messages.size() > MOST_MESSAGES) {
      throw new HowdahException(ErrorCode.INVALID, "at most " + MOST_MESSAGES
          + " messages can be published in one statement but there were " + messages.size() + "; split them");
    }
    List<Encoded> encoded = new ArrayList<>(messages.size());
    for (Message<T> message : messages) {
      encoded.add(encode(message));
    }
    return encoded;
  }

  public List<Published> publishOnce(List<Message<T>> messages, List<Once> onces) {
    if (messages.isEmpty()) {
      return List.of();
    }
    List<Encoded> encoded = encode(messages);
    return commit(c -> StreamFunctions.publishManyOnce(c, stream, encoded, onces));
  }

  public List<Published> publishOnce(Connection caller, List<Message<T>> messages, List<Once> onces) {
    if (messages.isEmpty()) {
      return List.of();
    }
    List<Encoded> encoded = encode(messages);
    return inTransaction(caller, c -> StreamFunctions.publishManyOnce(c, stream, encoded, onces));
  }

  /** One statement, all or nothing; the same batch again stores nothing again. */
  UUID[] send(UUID batch, List<Encoded> messages) {
    return commit(c -> StreamFunctions.publishBatch(c, batch, stream, messages));
  }

  /** One statement, all or nothing. */
  UUID[] send(List<Encoded> messages) {
    return commit(c -> StreamFunctions.publishMany(c, stream, messages));
  }
}
