package io.howdah.testkit;

import org.jspecify.annotations.Nullable;

/** What a history tells of one message as a whole. */
final class Publication {
  private final String message;
  private final @Nullable String key;
  private final int attemptedAt;
  private int acknowledgedAt = Integer.MAX_VALUE;
  private long position;

  Publication(String message, @Nullable String key, int attemptedAt, long position) {
    this.message = message;
    this.key = key;
    this.attemptedAt = attemptedAt;
    this.position = position;
  }

  String message() {
    return message;
  }

  @Nullable
  String key() {
    return key;
  }

  int attemptedAt() {
    return attemptedAt;
  }

  void acknowledge(int at) {
    acknowledgedAt = at;
  }

  int acknowledgedAt() {
    return acknowledgedAt;
  }

  boolean isAcknowledged() {
    return acknowledgedAt < Integer.MAX_VALUE;
  }

  /** 0: not known. */
  long position() {
    return position;
  }

  /** The first that is told counts: a message that comes again may have another position. */
  void place(long told) {
    if (position == 0) {
      position = told;
    }
  }
}
