package io.howdah.internal.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;

/**
 * Payloads through Jackson 2, written as Jackson 3 writes them: times as ISO
 * text.
 */
final class Jackson2Codec<T> implements Codec<T> {

  private static final JsonMapper MAPPER = JsonMapper.builder().findAndAddModules()
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
      .build();

  private final ObjectWriter writer;
  private final ObjectReader reader;

  Jackson2Codec(Class<T> type) {
    writer = MAPPER.writerFor(type);
    reader = MAPPER.readerFor(type);
  }

  @Override
  public String encode(T payload) {
    try {
      return writer.writeValueAsString(payload);
    } catch (JsonProcessingException e) {
      throw unfit("written as", payload.getClass(), e);
    }
  }

  @Override
  public T decode(String json) {
    try {
      return reader.readValue(json);
    } catch (JsonProcessingException e) {
      throw unfit("read from", reader.getValueType().getRawClass(), e);
    }
  }

  /** Without Jackson's own text, which quotes the payload. */
  private static HowdahException unfit(String what, Class<?> type, JsonProcessingException e) {
    return new HowdahException(ErrorCode.INVALID,
        "a " + type.getName() + " cannot be " + what + " JSON (" + e.getClass().getSimpleName() + ")", e);
  }
}
