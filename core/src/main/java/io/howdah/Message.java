package io.howdah;

import io.howdah.internal.codec.HeaderText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is published.
 *
 * @param payload
 *          the content
 * @param topic
 *          routing key, dotted segments of {@code A-Z a-z 0-9 _ -}; null: the
 *          header {@code type}, if there is one
 * @param key
 *          ordering key, at most 255 bytes; null: none
 * @param headers
 *          text by name, at most 16 kB as JSON; default empty
 * @param delay
 *          how long the message waits before anybody sees it, up to 10 years;
 *          default none
 */
public record Message<T>(T payload, @Nullable String topic, @Nullable String key, Map<String, String> headers,
    Duration delay) {

  public Message {
    Objects.requireNonNull(payload, "payload");
    Limits.topic(topic);
    Limits.key(key);
    headers = HeaderText.checked(headers);
    Limits.delay(delay);
  }

  /** A message with nothing but a payload. */
  public static <T> Message<T> of(T payload) {
    return new Message<>(payload, null, null, Map.of(), Duration.ZERO);
  }

  public Message<T> withTopic(@Nullable String newTopic) {
    return new Message<>(payload, newTopic, key, headers, delay);
  }

  public Message<T> withKey(@Nullable String newKey) {
    return new Message<>(payload, topic, newKey, headers, delay);
  }

  public Message<T> withHeaders(Map<String, String> newHeaders) {
    return new Message<>(payload, topic, key, newHeaders, delay);
  }

  /** This message with one header more, or another value of it. */
  public Message<T> withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return withHeaders(more);
  }

  public Message<T> withDelay(Duration newDelay) {
    return new Message<>(payload, topic, key, headers, newDelay);
  }
}
