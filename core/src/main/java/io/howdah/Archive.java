package io.howdah;

import io.howdah.internal.letter.ArchiveFunctions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The messages that consumers of a queue or subscription have settled with
 * {@link Outcome#archive()}: handled, and kept. A handle costs nothing, needs no
 * close, and is safe for several threads.
 */
public final class Archive {

  private static final int PAGE = 1_000;

  private final String subscription;
  private final ArchiveFunctions archive;

  Archive(String subscription, ArchiveFunctions archive) {
    this.subscription = subscription;
    this.archive = archive;
  }

  /**
   * A page of them, the oldest first; {@link LetterFilter#since()} and
   * {@link LetterFilter#until()} are about the time of archiving.
   *
   * @param after
   *          the number of the last message of the page before; 0 for the first
   * @param quantity
   *          1 to 10,000
   */
  public List<ArchivedMessage> list(LetterFilter filter, long after, int quantity) {
    Limits.quantity("quantity", quantity);
    return archive.list(subscription, filter, after, quantity);
  }

  /** The archived message with this id. */
  public Optional<ArchivedMessage> find(UUID id) {
    return list(LetterFilter.ids(id), 0, 1).stream().findFirst();
  }

  public long count(LetterFilter filter) {
    return archive.count(subscription, filter);
  }

  /**
   * Publishes archived messages again, the oldest first, as new messages with new
   * ids; they stay in the archive. A thousand to a transaction: if this ends
   * half-way, those before are published. Returns how many.
   *
   * @param target
   *          the queue, stream or subscription to publish to; null: their own
   *          queue, or their own subscription and no other of its stream
   */
  public long republish(LetterFilter filter, @Nullable String target) {
    if (target != null) {
      Limits.name("target", target);
    }
    long published = 0;
    long left = count(filter); // not what is archived anew meanwhile
    long after = 0;
    while (left > 0) {
      List<Long> numbers = archive.republish(subscription, filter, after, (int) Math.min(PAGE, left), target);
      published += numbers.size();
      left = numbers.isEmpty() ? 0 : left - numbers.size();
      after = numbers.isEmpty() ? after : numbers.getLast();
    }
    return published;
  }

  /** Deletes archived messages; returns how many. */
  public long delete(LetterFilter filter) {
    long deleted = 0;
    long now;
    do {
      now = archive.delete(subscription, filter);
      deleted += now;
    } while (now > 0);
    return deleted;
  }

  /**
   * How long messages are kept from their archiving on, 1 s to 10 years; null:
   * until they are deleted, which is the default. Housekeeping deletes those that
   * are older.
   */
  public void retain(@Nullable Duration retention) {
    if (retention != null) {
      Limits.between("retention", retention, Duration.ofSeconds(1), Duration.ofDays(3653));
    }
    archive.retain(subscription, retention);
  }
}
