package io.howdah.internal.stream;

import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Payload;
import io.howdah.internal.codec.HeaderText;
import io.howdah.internal.due.DueFunctions;
import io.howdah.internal.jdbc.Statements;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A message as the database takes it. */
record Encoded(Payload payload, @Nullable String topic, @Nullable String key, @Nullable String headers,
    @Nullable String delay, @Nullable String due, @Nullable String ttl) {

  /** What a message costs in memory besides its texts, about. */
  private static final int OVERHEAD = 200;

  static <T> Encoded of(Message<T> message, Codec<T> codec) {
    String delay = message.delay().isZero() ? null : Statements.interval(message.delay());
    return new Encoded(payload(message.payload(), codec), message.topic(), message.key(),
        HeaderText.encode(message.headers()), delay, due(message.due()), Statements.interval(message.timeToLive()));
  }

  private static @Nullable String due(@Nullable Instant due) {
    return due == null ? null : DueFunctions.time(due);
  }

  private static <T> Payload payload(T payload, Codec<T> codec) {
    Payload written;
    try {
      written = codec.write(payload);
    } catch (HowdahException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new HowdahException(ErrorCode.INVALID, "a payload of " + payload.getClass().getName()
          + " cannot be encoded (" + e.getClass().getSimpleName() + "); nothing was published", e);
    }
    if (written instanceof Json json) {
      refuseUnstorable(json.text());
    }
    return written;
  }

  private static void refuseUnstorable(String text) {
    if (text.isBlank()) {
      throw new HowdahException(ErrorCode.INVALID, "the payload is empty, which is not JSON; nothing was published");
    }
    if (!isWellFormed(text)) {
      throw new HowdahException(ErrorCode.INVALID,
          "the payload contains half of a surrogate pair, which cannot be stored " + "as UTF-8; nothing was published");
    }
  }

  /**
   * The driver would turn half a surrogate pair into a question mark without a word. There and back is several times
   * faster than a look at each character, because both ways are vectorized.
   */
  private static boolean isWellFormed(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).equals(text);
  }

  /** The message that it was, its payload as it is stored. */
  Message<Payload> message() {
    return new Message<>(payload, topic, key, HeaderText.decode(headers),
        delay == null ? Duration.ZERO : Duration.parse(delay), due == null ? null : Instant.parse(due),
        ttl == null ? null : Duration.parse(ttl));
  }

  /** About how much it holds and sends. */
  int bytes() {
    return OVERHEAD + payload.size() + (key == null ? 0 : key.length()) + (headers == null ? 0 : headers.length());
  }
}
