package io.howdah.cli;

import io.howdah.Bytes;
import io.howdah.Json;
import io.howdah.Payload;
import java.util.Base64;
import tools.jackson.core.JsonGenerator;

/** A payload in a line of JSON: {@code payload}, or {@code content_type} and {@code bytes} in base64. */
final class PayloadText {

  private PayloadText() {
  }

  /** JSON on one line; of bytes their base64 as a JSON text. */
  static String line(Payload payload) {
    return switch (payload) {
      case Json json -> onOneLine(json.text());
      case Bytes bytes -> '"' + base64(bytes) + '"';
    };
  }

  /** For people: of bytes only what they are. */
  static String shown(Payload payload) {
    return payload instanceof Json ? line(payload) : payload.toString();
  }

  static String base64(Bytes bytes) {
    return Base64.getEncoder().encodeToString(bytes.content());
  }

  /** As members of the object that is being written. */
  static void write(Payload payload, JsonGenerator out) {
    boolean isJson = payload instanceof Json;
    if (!isJson) {
      out.writeStringProperty("content_type", payload.contentType());
    }
    out.writeName(isJson ? "payload" : "bytes");
    out.writeRawValue(line(payload));
  }

  /** A line break in JSON text can only stand between tokens, where a space means the same. */
  private static String onOneLine(String payload) {
    return payload.indexOf('\n') < 0 && payload.indexOf('\r') < 0
        ? payload
        : payload.replace('\n', ' ').replace('\r', ' ');
  }
}
