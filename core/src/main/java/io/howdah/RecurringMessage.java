package io.howdah;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that is published again and again.
 *
 * @param name
 *          its name
 * @param stream
 *          the stream or queue that it is published to
 * @param cron
 *          when
 * @param next
 *          the next time; null while it is paused
 * @param past
 *          what it has done
 * @param content
 *          what it says, the payload as text
 */
public record RecurringMessage(String name, String stream, Cron cron, @Nullable Instant next, Past past,
    Message<Json> content) {

  /**
   * What it has done.
   *
   * @param fired
   *          how many messages it has published
   * @param firedAt
   *          the time for which it was the last one; null: none yet
   * @param error
   *          why the last one could not be published; null: it could
   */
  public record Past(long fired, @Nullable Instant firedAt, @Nullable String error) {
  }
}
