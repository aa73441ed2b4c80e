package io.howdah;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One message handed to one consumer. The payload is decoded when it is first
 * asked for. Safe for several threads.
 */
public final class Delivery<T> {

  private final Envelope envelope;
  private final Payload raw;
  private final Codec<T> codec;
  private volatile @Nullable T payload;

  /** For the client itself, and for tests of a handler. */
  public Delivery(Envelope envelope, String rawPayload, Codec<T> codec) {
    this(envelope, new Json(rawPayload), codec);
  }

  /** The same, of any payload. */
  public Delivery(Envelope envelope, Payload raw, Codec<T> codec) {
    this.envelope = Objects.requireNonNull(envelope, "envelope");
    this.raw = Objects.requireNonNull(raw, "raw");
    this.codec = Objects.requireNonNull(codec, "codec");
  }

  public UUID id() {
    return envelope.id();
  }

  /**
   * The message's place in its stream; a retried message has its place in the
   * subscription's return stream.
   */
  public long position() {
    return envelope.position();
  }

  /** 1 for the first delivery to this subscription. */
  public int attempt() {
    return envelope.attempt();
  }

  public @Nullable String topic() {
    return envelope.topic();
  }

  public @Nullable String key() {
    return envelope.key();
  }

  public Map<String, String> headers() {
    return envelope.headers();
  }

  /** When the message was published, by the database's clock. */
  public Instant publishedAt() {
    return envelope.publishedAt();
  }

  /**
   * The decoded payload.
   *
   * @throws HowdahException
   *           {@link ErrorCode#UNDECODABLE} if the codec cannot read it; a worker
   *           whose handler lets it through makes the message a dead letter
   *           ({@link FailureOptions#undecodable()})
   */
  public T payload() {
    T known = payload;
    if (known == null) {
      known = decode();
      payload = known;
    }
    return known;
  }

  /**
   * The payload's JSON text as it was published.
   *
   * @throws HowdahException
   *           {@link ErrorCode#UNDECODABLE} if it is bytes, see {@link #raw()}
   */
  public String rawPayload() {
    return raw.text();
  }

  /** The payload as it was published. */
  public Payload raw() {
    return raw;
  }

  /** Names the message; never shows its payload. */
  @Override
  public String toString() {
    return "delivery " + id() + " at " + position() + ", attempt " + attempt();
  }

  private T decode() {
    T decoded;
    try {
      decoded = codec.read(raw);
    } catch (RuntimeException e) {
      throw undecodable(
          e instanceof HowdahException known ? String.valueOf(known.getMessage()) : e.getClass().getSimpleName(), e);
    }
    if (decoded == null) {
      throw undecodable("the codec made null of it", null);
    }
    return decoded;
  }

  private HowdahException undecodable(String why, @Nullable RuntimeException cause) {
    return new HowdahException(ErrorCode.UNDECODABLE,
        "the payload of message " + id() + " cannot be decoded (" + why + "); read it with raw() or rawPayload()",
        cause);
  }
}
