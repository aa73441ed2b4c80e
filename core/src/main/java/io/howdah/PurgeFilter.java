package io.howdah;

import org.jspecify.annotations.Nullable;

/**
 * Which messages a purge removes: those that match all that is given.
 *
 * @param topic a pattern of topics, see {@link TopicPattern}, or null
 * @param key the key, or null
 */
public record PurgeFilter(@Nullable String topic, @Nullable String key) {

  private static final PurgeFilter ALL = new PurgeFilter(null, null);

  public PurgeFilter {
    if (topic != null) {
      TopicPattern.of(topic);
    }
    Limits.key(key);
  }

  /** All of them. */
  public static PurgeFilter all() {
    return ALL;
  }

  public PurgeFilter withTopic(String newTopic) {
    return new PurgeFilter(newTopic, key);
  }

  public PurgeFilter withKey(String newKey) {
    return new PurgeFilter(topic, newKey);
  }
}
