package io.howdah.internal.codec;

import io.howdah.Codec;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** Payloads through Jackson 3. */
final class Jackson3Codec<T> implements Codec<T> {

  /**
   * A reader must not fail because a publisher of a later release sends one
   * property more.
   */
  private static final JsonMapper MAPPER = JsonMapper.builder().findAndAddModules()
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final ObjectWriter writer;
  private final ObjectReader reader;

  Jackson3Codec(Class<T> type) {
    writer = MAPPER.writerFor(type);
    reader = MAPPER.readerFor(type);
  }

  @Override
  public String encode(T payload) {
    return writer.writeValueAsString(payload);
  }

  @Override
  public T decode(String json) {
    return reader.readValue(json);
  }
}
