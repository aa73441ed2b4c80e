package io.howdah.internal.stream;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages of one publish as the arrays that the database takes, made in one pass; null if no message has it. */
final class Columns {

  final String[] payloads;
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
      payloads[i] = message.payload();
      topics = with(topics, i, message.topic());
      keys = with(keys, i, message.key());
      headers = with(headers, i, message.headers());
      delays = with(delays, i, message.delay());
      dues = with(dues, i, message.due());
      ttls = with(ttls, i, message.ttl());
    }
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
