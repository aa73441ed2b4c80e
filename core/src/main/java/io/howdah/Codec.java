package io.howdah;

import io.howdah.internal.codec.CodecFinder;
import java.util.function.Function;

/**
 * Turns payloads into JSON text and back. {@link #of(Class)} finds a codec by
 * itself; write your own for generic types or for an object mapper with special
 * settings. Must be safe for use by several threads.
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
   * The codec of a class: {@link Json} as it is, {@link String} as a JSON string,
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
