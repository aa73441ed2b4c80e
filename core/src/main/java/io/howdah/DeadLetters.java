package io.howdah;

import io.howdah.internal.letter.LetterFunctions;
import io.howdah.internal.wakeup.Bell;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The messages that a subscription or queue has given up, to look at, to
 * correct, to send again, to delete. A handle costs nothing, needs no close, and
 * is safe for several threads.
 */
public final class DeadLetters {

  private final String subscription;
  private final LetterFunctions letters;
  private final Bell bell;

  DeadLetters(String subscription, LetterFunctions letters, Bell bell) {
    this.subscription = subscription;
    this.letters = letters;
    this.bell = bell;
  }

  /**
   * A page of them, the oldest first.
   *
   * @param after
   *          the number of the last letter of the page before; 0 for the first
   * @param quantity
   *          1 to 10,000
   */
  public List<DeadLetter> list(LetterFilter filter, long after, int quantity) {
    Limits.quantity("quantity", quantity);
    return letters.list(subscription, filter, after, quantity);
  }

  /** The letter of a message. */
  public Optional<DeadLetter> find(UUID id) {
    return list(LetterFilter.ids(id), 0, 1).stream().findFirst();
  }

  /** How many there are: what {@link #redrive} and {@link #delete} would take. */
  public long count(LetterFilter filter) {
    return letters.count(subscription, filter);
  }

  /** Gives the letter of a message another payload; false if there is none. */
  public boolean edit(UUID id, Json payload) {
    return letters.edit(subscription, id, payload);
  }

  /**
   * {@link #redrive(LetterFilter, RedriveOptions)} with
   * {@link RedriveOptions#defaults()}.
   */
  public long redrive(LetterFilter filter) {
    return redrive(filter, RedriveOptions.defaults());
  }

  /**
   * Sends letters again, the oldest first, with all attempts before them; returns
   * how many. It takes as many as there are when it begins, so one that comes
   * back meanwhile is left alone. Each batch is a transaction: if this ends
   * half-way, by an exception, a crash or an interrupt, what was sent is sent, and
   * the rest are dead letters still.
   */
  public long redrive(LetterFilter filter, RedriveOptions options) {
    Double perSecond = options.perSecond();
    int batch = perSecond == null ? options.batch() : (int) Math.clamp(Math.ceil(perSecond), 1, options.batch());
    long left = count(filter);
    long sent = 0;
    while (left > 0) {
      long now = letters.redrive(subscription, filter, options, (int) Math.min(batch, left));
      sent += now;
      if (now > 0) {
        bell.committed(options.target() == null ? subscription : options.target());
      }
      left = now == 0 ? 0 : left - now;
      if (left > 0 && perSecond != null && !pause(now / perSecond)) {
        return sent;
      }
    }
    return sent;
  }

  /** False if the thread was interrupted. */
  private static boolean pause(double seconds) {
    try {
      Thread.sleep(Duration.ofNanos((long) (seconds * 1e9)));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Deletes letters; returns how many. */
  public long delete(LetterFilter filter) {
    long deleted = 0;
    long now;
    do {
      now = letters.delete(subscription, filter);
      deleted += now;
    } while (now > 0);
    return deleted;
  }
}
