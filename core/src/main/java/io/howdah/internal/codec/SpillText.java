package io.howdah.internal.codec;

import io.howdah.Bytes;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Payload;
import io.howdah.Unpublished;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A message as one line of JSON, with all that it has. Its payload is a text of its own, {@code json}, so that every byte
 * of it is kept, also of one that was refused because it is not JSON; or {@code bytes} in base64, and what they are.
 */
public final class SpillText {

  private SpillText() {
  }

  public static void append(Unpublished unpublished, StringBuilder out) {
    Message<Payload> message = unpublished.message();
    out.append("{\"stream\":");
    JsonText.quote(unpublished.stream(), out);
    member("id", unpublished.id(), out);
    member("topic", message.topic(), out);
    member("key", message.key(), out);
    String headers = HeaderText.encode(message.headers());
    if (headers != null) {
      out.append(",\"headers\":").append(headers);
    }
    member("delay", message.delay().isZero() ? null : message.delay(), out);
    member("due", message.due(), out);
    member("ttl", message.timeToLive(), out);
    switch (message.payload()) {
      case Json json -> member("json", json.text(), out);
      case Bytes bytes -> {
        member("bytes", Base64.getEncoder().encodeToString(bytes.content()), out);
        member("content_type", bytes.contentType(), out);
      }
    }
    member("error", unpublished.reason().code(), out);
    out.append("}\n");
  }

  private static void member(String name, @Nullable Object value, StringBuilder out) {
    if (value != null) {
      out.append(",\"").append(name).append("\":");
      JsonText.quote(value.toString(), out);
    }
  }
}
