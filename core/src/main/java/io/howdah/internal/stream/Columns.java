package io.howdah.internal.stream;

import io.howdah.Bytes;
import io.howdah.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages of one publish as the arrays that the database takes, made in one pass; null if no message has it. */
final class Columns {

  final @Nullable String[] payloads;
  final byte @Nullable [] @Nullable [] bodies;
  @Nullable
  String @Nullable [] contentTypes;
  @Nullable
  String @Nullable [] topics;
  @Nullable
  String @Nullable [] keys;
  @Nullable
  String @Nullable [] headers;
  @Nullable
  String @Nullable [] delays;
  @Nullable
  String @Nullable [] dues;
  @Nullable
  String @Nullable [] ttls;

  Columns(List<Encoded> messages) {
    payloads = new String[messages.size()];
    for (int i = 0; i < payloads.length; i++) {
      Encoded message = messages.get(i);
      switch (message.payload()) {
        case Json json -> payloads[i] = json.text();
        case Bytes bytes -> contentTypes = with(contentTypes, i, bytes.contentType());
      }
      topics = with(topics, i, message.topic());
      keys = with(keys, i, message.key());
      headers = with(headers, i, message.headers());
      delays = with(delays, i, message.delay());
      dues = with(dues, i, message.due());
      ttls = with(ttls, i, message.ttl());
    }
    bodies = contentTypes == null ? null : bodies(messages);
  }

  private static byte[] @Nullable [] bodies(List<Encoded> messages) {
    byte[] @Nullable [] bodies = new byte[messages.size()][];
    for (int i = 0; i < bodies.length; i++) {
      bodies[i] = messages.get(i).payload() instanceof Bytes bytes ? bytes.content() : null;
    }
    return bodies;
  }

  /** The column with one more value; it comes into being with the first one that is not null. */
  private @Nullable String @Nullable [] with(@Nullable String @Nullable [] column, int index, @Nullable String value) {
    if (value == null) {
      return column;
    }
    @Nullable
    String @Nullable [] present = column;
    if (present == null) {
      present = new String[payloads.length];
    }
    present[index] = value;
    return present;
  }
}
