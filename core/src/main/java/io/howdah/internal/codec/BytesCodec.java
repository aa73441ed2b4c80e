package io.howdah.internal.codec;

import io.howdah.Bytes;
import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Payload;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** A codec whose payloads need not be JSON. */
public final class BytesCodec<T> implements Codec<T> {

  private final Function<T, Payload> write;
  private final Function<Payload, T> read;

  public BytesCodec(Function<T, Payload> write, Function<Payload, T> read) {
    this.write = write;
    this.read = read;
  }

  /** The bytes that were published. */
  public static byte[] bytes(Payload stored) {
    return switch (stored) {
      case Json json -> json.text().getBytes(StandardCharsets.UTF_8);
      case Bytes bytes -> bytes.content();
    };
  }

  /** Bytes as they are; of JSON, its text in UTF-8. */
  static Bytes whole(Payload stored) {
    return stored instanceof Bytes bytes ? bytes : new Bytes(bytes(stored), stored.contentType());
  }

  @Override
  public Payload write(T payload) {
    return write.apply(payload);
  }

  @Override
  public T read(Payload stored) {
    return read.apply(stored);
  }

  @Override
  public String encode(T payload) {
    if (write(payload) instanceof Json json) {
      return json.text();
    }
    throw new HowdahException(ErrorCode.UNSUPPORTED, "only JSON can be published here, not bytes; use a codec of JSON");
  }

  @Override
  public T decode(String json) {
    return read(new Json(json));
  }
}
