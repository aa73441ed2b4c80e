package io.howdah;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which letters are meant: those for which everything holds that is not null.
 *
 * @param ids
 *          of messages; empty: any
 * @param reason
 *          exactly this one
 * @param topic
 *          exactly this one
 * @param key
 *          exactly this one
 * @param since
 *          given up at this time or later
 * @param until
 *          given up before this time
 * @param text
 *          somewhere in reason, error, topic, key, headers or payload, whatever
 *          the case
 */
public record LetterFilter(List<UUID> ids, @Nullable String reason, @Nullable String topic, @Nullable String key,
    @Nullable Instant since, @Nullable Instant until, @Nullable String text) {

  private static final LetterFilter ALL = new LetterFilter(List.of(), null, null, null, null, null, null);

  public LetterFilter {
    ids = List.copyOf(ids);
  }

  /** All letters. */
  public static LetterFilter all() {
    return ALL;
  }

  /** The letters of these messages. */
  public static LetterFilter ids(UUID first, UUID... more) {
    List<UUID> ids = new ArrayList<>(List.of(more));
    ids.addFirst(first);
    return new LetterFilter(ids, null, null, null, null, null, null);
  }

  public LetterFilter withReason(String newReason) {
    return new LetterFilter(ids, newReason, topic, key, since, until, text);
  }

  public LetterFilter withTopic(String newTopic) {
    return new LetterFilter(ids, reason, newTopic, key, since, until, text);
  }

  public LetterFilter withKey(String newKey) {
    return new LetterFilter(ids, reason, topic, newKey, since, until, text);
  }

  public LetterFilter since(Instant newSince) {
    return new LetterFilter(ids, reason, topic, key, newSince, until, text);
  }

  public LetterFilter until(Instant newUntil) {
    return new LetterFilter(ids, reason, topic, key, since, newUntil, text);
  }

  public LetterFilter withText(String newText) {
    return new LetterFilter(ids, reason, topic, key, since, until, newText);
  }
}
