package io.howdah.internal.codec;

import io.howdah.Bytes;
import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Payload;

/**
 * Chooses the codec of a class. Jackson is optional: its classes are touched
 * only once it is known to be there.
 */
public final class CodecFinder {

  private static final Codec<Json> RAW = Codec.of(Json::text, Json::new);
  private static final Codec<String> STRING = Codec.of(JsonText::quote, JsonText::unquote);
  private static final Codec<Bytes> BYTES = new BytesCodec<>(bytes -> bytes, BytesCodec::whole);
  private static final Codec<Payload> EITHER = new BytesCodec<>(payload -> payload, payload -> payload);
  private static final Codec<byte[]> OCTETS = Codec.ofBytes("application/octet-stream", octets -> octets,
      octets -> octets);
  private static final boolean JACKSON_3 = isThere("tools.jackson.databind.json.JsonMapper");
  private static final boolean JACKSON_2 = isThere("com.fasterxml.jackson.databind.json.JsonMapper");

  private CodecFinder() {
  }

  @SuppressWarnings("unchecked") // each branch has just compared the class
  public static <T> Codec<T> find(Class<T> type) {
    if (type == Json.class) {
      return (Codec<T>) RAW;
    }
    if (type == String.class) {
      return (Codec<T>) STRING;
    }
    if (type == Bytes.class) {
      return (Codec<T>) BYTES;
    }
    if (type == Payload.class) {
      return (Codec<T>) EITHER;
    }
    if (type == byte[].class) {
      return (Codec<T>) OCTETS;
    }
    if (JACKSON_3) {
      return new Jackson3Codec<>(type);
    }
    if (JACKSON_2) {
      return new Jackson2Codec<>(type);
    }
    throw new HowdahException(ErrorCode.UNSUPPORTED,
        "payloads of " + type.getName() + " need a JSON library; add "
            + "tools.jackson.core:jackson-databind (or com.fasterxml.jackson.core:jackson-databind) to the class path, "
            + "or pass a Codec, or use Json, String or Bytes");
  }

  private static boolean isThere(String className) {
    try {
      Class.forName(className, false, CodecFinder.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
