package io.howdah;

import io.howdah.internal.codec.BytesCodec;
import io.howdah.internal.codec.CodecFinder;
import java.util.function.Function;

/**
 * Turns payloads into JSON text and back. {@link #of(Class)} finds a codec by
 * itself; write your own for generic types or for an object mapper with special
 * settings. {@link #ofBytes} makes one for what is not JSON. Must be safe for use
 * by several threads.
 */
public interface Codec<T> {

  /**
   * JSON text of the payload. An exception fails the publish with
   * {@link ErrorCode#INVALID}.
   */
  String encode(T payload);

  /**
   * The payload of JSON text. An exception fails {@link Delivery#payload()} with
   * {@link ErrorCode#UNDECODABLE}.
   */
  T decode(String json);

  /** What is stored of a payload: its JSON text, unless this is a codec of bytes. */
  default Payload write(T payload) {
    return new Json(encode(payload));
  }

  /** The payload of what was stored; one of JSON cannot read bytes. */
  default T read(Payload stored) {
    return decode(stored.text());
  }

  /** A codec of two functions. */
  static <T> Codec<T> of(Function<? super T, String> encode, Function<String, ? extends T> decode) {
    return new Codec<>() {
      @Override
      public String encode(T payload) {
        return encode.apply(payload);
      }

      @Override
      public T decode(String json) {
        return decode.apply(json);
      }
    };
  }

  /**
   * A codec of bytes: payloads are published with this content type; {@code decode} gets bytes of whatever type they are,
   * or the UTF-8 of JSON text.
   */
  static <T> Codec<T> ofBytes(String contentType, Function<? super T, byte[]> encode,
      Function<byte[], ? extends T> decode) {
    Limits.contentType(contentType);
    return new BytesCodec<>(payload -> new Bytes(encode.apply(payload), contentType),
        stored -> decode.apply(BytesCodec.bytes(stored)));
  }

  /**
   * The codec of a class: {@link Json} as it is, {@link String} as a JSON string,
   * {@link Bytes} as they are, {@code byte[]} as {@code application/octet-stream}, {@link Payload} as either;
   * anything else through Jackson 3 or, if that is not on the class path, Jackson
   * 2; properties that the class does not know are ignored.
   *
   * @throws HowdahException
   *           {@link ErrorCode#UNSUPPORTED} if the class needs Jackson and there
   *           is none
   */
  static <T> Codec<T> of(Class<T> type) {
    return CodecFinder.find(type);
  }
}
