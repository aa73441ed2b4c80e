package io.howdah;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The limits that the database also holds, checked here so that a wrong value
 * fails where it is made.
 */
final class Limits {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:/-]{0,254}");
  private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9_:-]+(\\.[A-Za-z0-9_:-]+)*");
  private static final Pattern CONTENT_TYPE = Pattern
      .compile("[!#$&^_.+A-Za-z0-9-]+/[!#$&^_.+A-Za-z0-9-]+( *;[ -~]*)?");
  private static final Duration LONGEST_DELAY = Duration.ofDays(3653);
  /** What the database can read; that it is at most 10 years ahead is said by its clock. */
  private static final Instant LATEST_DUE = Instant.parse("9999-12-31T00:00:00Z");
  private static final Instant EARLIEST_DUE = Instant.parse("0001-01-01T00:00:00Z");
  private static final int TOPIC_LENGTH = 255;
  private static final int KEY_BYTES = 255;
  private static final int OWNER_BYTES = 255;
  private static final int CHANNEL_BYTES = 63;
  private static final int MOST_AT_ONCE = 10_000;
  private static final Duration SHORTEST_LEASE = Duration.ofMillis(10);
  private static final Duration LONGEST_LEASE = Duration.ofDays(1);

  private Limits() {
  }

  static String name(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw invalid(what + " name \"" + shorten(name) + "\" is not allowed; use 1 to 255 of A-Z a-z 0-9 _ . : / - "
          + "and start with a letter or digit");
    }
    return name;
  }

  static void topic(@Nullable String topic) {
    if (topic != null && (topic.length() > TOPIC_LENGTH || !TOPIC.matcher(topic).matches())) {
      throw invalid("topic \"" + shorten(topic) + "\" is not allowed; use segments of A-Z a-z 0-9 _ - : "
          + "joined by dots, at most 255 characters");
    }
  }

  static void key(@Nullable String key) {
    if (key == null) {
      return;
    }
    if (key.length() > KEY_BYTES || key.getBytes(StandardCharsets.UTF_8).length > KEY_BYTES) {
      throw invalid("key \"" + shorten(key) + "\" is longer than 255 bytes; use a shorter key or a hash of it");
    }
    if (key.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw invalid("key contains a control character; remove it");
    }
  }

  static String contentType(String contentType) {
    if (contentType.length() > 255 || !CONTENT_TYPE.matcher(contentType).matches()) {
      throw invalid("content type \"" + shorten(contentType) + "\" is not allowed; use one like image/png or "
          + "text/plain; charset=utf-8, at most 255 characters");
    }
    return contentType;
  }

  static void delay(Duration delay) {
    if (delay.isNegative() || delay.compareTo(LONGEST_DELAY) > 0) {
      throw invalid("delay must be between 0 and 10 years but was " + delay);
    }
  }

  static void timeToLive(Duration timeToLive) {
    between("timeToLive", timeToLive, Duration.ofMillis(1), LONGEST_DELAY);
  }

  static void due(Duration delay, @Nullable Instant due) {
    if (due == null) {
      return;
    }
    if (!delay.isZero()) {
      throw invalid("a message has a delay or a due time but not both");
    }
    if (due.isAfter(LATEST_DUE) || due.isBefore(EARLIEST_DUE)) {
      throw invalid("due must be at most 10 years ahead but was " + due);
    }
  }

  /** What each message of a batch is known by: one window for all. */
  static void paired(List<?> messages, List<Once> onces) {
    if (messages.size() != onces.size()) {
      throw invalid(messages.size() + " messages need as many keys or ids but there are " + onces.size());
    }
    for (Once each : onces) {
      if (each.untilDone() != onces.getFirst().untilDone()
          || !Objects.equals(each.window(), onces.getFirst().window())) {
        throw invalid("messages that are published once in one batch must all have the same window");
      }
    }
  }

  /** How many messages one claim or peek takes. */
  static void quantity(String what, int quantity) {
    between(what, quantity, 1, MOST_AT_ONCE);
  }

  static void lease(Duration lease) {
    between("lease", lease, SHORTEST_LEASE, LONGEST_LEASE);
  }

  static void owner(String owner) {
    if (owner.isEmpty() || owner.getBytes(StandardCharsets.UTF_8).length > OWNER_BYTES) {
      throw invalid("owner \"" + shorten(owner) + "\" is not allowed; use 1 to 255 bytes, "
          + "for example a host and a process id");
    }
  }

  static void channel(String name) {
    if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > CHANNEL_BYTES || name.indexOf(0) >= 0
        || name.equals("howdah")) {
      throw invalid("channel \"" + shorten(name.replace("\0", "\\0"))
          + "\" is not allowed; use 1 to 63 bytes without NUL, and not howdah, which is the bell's");
    }
  }

  static void between(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw invalid(what + " must be between " + least + " and " + most + " but was " + value);
    }
  }

  static void between(String what, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw invalid(what + " must be between " + least + " and " + most + " but was " + value);
    }
  }

  static HowdahException invalid(String message) {
    return new HowdahException(ErrorCode.INVALID, message);
  }

  private static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }
}
