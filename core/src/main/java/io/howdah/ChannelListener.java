package io.howdah;

/**
 * Hears what is sent to a channel of PostgreSQL with {@code NOTIFY} or
 * {@code pg_notify}; see {@link Howdah#channel}. Called by one thread at a time.
 * What it throws is logged, and it goes on.
 */
@FunctionalInterface
public interface ChannelListener {

  /** A notification; an empty payload if it had none. */
  void heard(String payload);

  /**
   * Notifications may have been missed: look at everything that they tell about.
   * Called whenever listening begins, so also the first time, and when more
   * notifications wait than are kept (10,000).
   */
  default void missed() {
  }
}
