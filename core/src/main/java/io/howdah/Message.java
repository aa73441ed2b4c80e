package io.howdah;

import io.howdah.internal.codec.HeaderText;
import java.time.Duration;
import java.time.Instant;
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
 * @param due
 *          until when it waits instead, to the microsecond; a time that is past
 *          means now; null: no such time. Not together with a delay
 * @param timeToLive
 *          for how long it may be delivered, counted from the time that it can
 *          be, 1 ms to 10 years; afterwards it is {@linkplain SubscriptionStats#expired()
 *          counted} and never delivered; null: as the stream says, by default
 *          for ever
 */
public record Message<T>(T payload, @Nullable String topic, @Nullable String key, Map<String, String> headers,
    Duration delay, @Nullable Instant due, @Nullable Duration timeToLive) {

  public Message {
    Objects.requireNonNull(payload, "payload");
    Limits.topic(topic);
    Limits.key(key);
    headers = HeaderText.checked(headers);
    Limits.delay(delay);
    Limits.due(delay, due);
    if (timeToLive != null) {
      Limits.timeToLive(timeToLive);
    }
  }

  /** A message that has no due time. */
  public Message(T payload, @Nullable String topic, @Nullable String key, Map<String, String> headers, Duration delay) {
    this(payload, topic, key, headers, delay, null, null);
  }

  /** A message that does not expire, unless its stream says so. */
  public Message(T payload, @Nullable String topic, @Nullable String key, Map<String, String> headers, Duration delay,
      @Nullable Instant due) {
    this(payload, topic, key, headers, delay, due, null);
  }

  /** A message with nothing but a payload. */
  public static <T> Message<T> of(T payload) {
    return new Message<>(payload, null, null, Map.of(), Duration.ZERO, null, null);
  }

  public Message<T> withTopic(@Nullable String newTopic) {
    return new Message<>(payload, newTopic, key, headers, delay, due, timeToLive);
  }

  public Message<T> withKey(@Nullable String newKey) {
    return new Message<>(payload, topic, newKey, headers, delay, due, timeToLive);
  }

  public Message<T> withHeaders(Map<String, String> newHeaders) {
    return new Message<>(payload, topic, key, newHeaders, delay, due, timeToLive);
  }

  /** This message with one header more, or another value of it. */
  public Message<T> withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return withHeaders(more);
  }

  /** Delivered after this time; forgets the due time, if there is one. */
  public Message<T> withDelay(Duration newDelay) {
    return new Message<>(payload, topic, key, headers, newDelay, null, timeToLive);
  }

  /** Delivered at this time and not before, by the database's clock; forgets the delay, if there is one. */
  public Message<T> withDue(@Nullable Instant newDue) {
    return new Message<>(payload, topic, key, headers, Duration.ZERO, newDue, timeToLive);
  }

  /** Not delivered later than this after it can be; null: as the stream says. */
  public Message<T> withTimeToLive(@Nullable Duration newTimeToLive) {
    return new Message<>(payload, topic, key, headers, delay, due, newTimeToLive);
  }
}
