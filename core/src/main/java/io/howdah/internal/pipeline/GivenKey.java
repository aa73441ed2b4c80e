package io.howdah.internal.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * A key of the user's class. Its hash is asked for once, where a failure is that
 * of the message; from then on it can be looked up and fails no more.
 */
final class GivenKey {

  private final Object value;
  private final int hash;

  private GivenKey(Object value, int hash) {
    this.value = value;
    this.hash = hash;
  }

  /** Throws what the hash of the value throws. */
  static GivenKey of(Object value) {
    return new GivenKey(value, value.hashCode());
  }

  Object value() {
    return value;
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** One that cannot be compared is equal to itself only. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof GivenKey that) || hash != that.hash) {
      return false;
    }
    try {
      return value.equals(that.value);
    } catch (Throwable e) {
      return false;
    }
  }
}
