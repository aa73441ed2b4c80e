package io.howdah.cli;

import io.howdah.Bytes;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.Payload;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A line that is a whole message, such as a publisher keeps of what it could not publish.
 *
 * @param stream
 *          where it is to go; null if it does not say
 * @param once
 *          by what it is known; null if it has neither an id nor a key
 */
record EnvelopeLine(@Nullable String stream, Message<Payload> message, @Nullable Once once) {

  static final JsonMapper MAPPER = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES).build();
  private static final Set<String> MEMBERS = new TreeSet<>(Set.of("stream", "id", "once", "topic", "key", "headers",
      "delay", "due", "ttl", "json", "payload", "bytes", "content_type", "error"));

  /** The line is JSON. */
  static EnvelopeLine parse(String line) {
    JsonNode node = MAPPER.readTree(line);
    if (!node.isObject()) {
      throw invalid("a message is a JSON object");
    }
    for (String member : node.propertyNames()) {
      if (!MEMBERS.contains(member)) {
        throw invalid("a message has no member \"" + member + "\"; members are " + String.join(", ", MEMBERS));
      }
    }
    String delay = text(node, "delay");
    String due = text(node, "due");
    String ttl = text(node, "ttl");
    try {
      Message<Payload> message = new Message<>(payload(node), text(node, "topic"), text(node, "key"), headers(node),
          delay == null ? Duration.ZERO : Duration.parse(delay), due == null ? null : Instant.parse(due),
          ttl == null ? null : Duration.parse(ttl));
      return new EnvelopeLine(text(node, "stream"), message, once(node));
    } catch (DateTimeException e) {
      throw invalid("delay and ttl are written like PT1M, due like 2030-06-01T08:00:00Z");
    }
  }

  private static Payload payload(JsonNode node) {
    String json = text(node, "json");
    String bytes = text(node, "bytes");
    String type = text(node, "content_type");
    int contents = (json == null ? 0 : 1) + (bytes == null ? 0 : 1) + (node.has("payload") ? 1 : 0);
    if (contents != 1 || (bytes == null) != (type == null)) {
      throw invalid("a message has a payload, or its text as json, or bytes in base64 and their content_type,"
          + " and only one of these");
    }
    if (bytes != null && type != null) {
      try {
        return new Bytes(Base64.getDecoder().decode(bytes), type);
      } catch (IllegalArgumentException e) {
        throw invalid("bytes must be base64");
      }
    }
    return new Json(json == null ? MAPPER.writeValueAsString(node.get("payload")) : json);
  }

  private static @Nullable Once once(JsonNode node) {
    String key = text(node, "once");
    String id = text(node, "id");
    if (id == null) {
      return key == null ? null : Once.key(key);
    }
    try {
      return new Once(key, UUID.fromString(id), null, false);
    } catch (IllegalArgumentException e) {
      throw invalid("id must be a UUID");
    }
  }

  private static Map<String, String> headers(JsonNode node) {
    Map<String, String> headers = new LinkedHashMap<>();
    JsonNode given = node.get("headers");
    if (given == null || given.isNull()) {
      return headers;
    }
    if (!given.isObject()) {
      throw invalid("headers must be an object of texts");
    }
    for (String name : given.propertyNames()) {
      String value = text(given, name);
      if (value == null) {
        throw invalid("headers must be an object of texts");
      }
      headers.put(name, value);
    }
    return headers;
  }

  private static @Nullable String text(JsonNode node, String member) {
    JsonNode value = node.get(member);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isString()) {
      throw invalid(member + " must be a text");
    }
    return value.stringValue();
  }

  private static HowdahException invalid(String what) {
    return new HowdahException(ErrorCode.INVALID, what);
  }
}
