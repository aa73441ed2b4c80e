package io.howdah;

import io.howdah.internal.recurring.RecurringFunctions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is published again and again in this database; made by
 * {@link Queue#repeat} and {@link Stream#repeat}. Costs nothing, safe for
 * several threads.
 */
public final class Recurring {

  private final Howdah howdah;

  Recurring(Howdah howdah) {
    this.howdah = howdah;
  }

  /** All, by name. */
  public List<RecurringMessage> list() {
    return howdah.call(c -> RecurringFunctions.list(c, null));
  }

  public Optional<RecurringMessage> find(String name) {
    return howdah.call(c -> RecurringFunctions.list(c, name)).stream().findFirst();
  }

  /**
   * Stops it until {@link #resume}; false if it was paused.
   *
   * @throws HowdahException
   *           {@link ErrorCode#NOT_FOUND}
   */
  public boolean pause(String name) {
    return howdah.call(c -> RecurringFunctions.pause(c, name));
  }

  /**
   * Goes on with it; its next time. What fell into the pause is not made up for.
   *
   * @throws HowdahException
   *           {@link ErrorCode#NOT_FOUND}
   */
  public Instant resume(String name) {
    return howdah.call(c -> RecurringFunctions.resume(c, name));
  }

  /** Ends it; false if there is none. */
  public boolean drop(String name) {
    return howdah.call(c -> RecurringFunctions.drop(c, name));
  }

  /** The first time after another that is meant by an expression; empty if there is none (30 February). */
  public Optional<Instant> next(Cron cron, Instant after) {
    return howdah.call(c -> RecurringFunctions.next(c, cron, after));
  }
}
