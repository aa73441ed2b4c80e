package io.howdah;

import io.howdah.internal.due.DueFunctions;
import io.howdah.internal.jdbc.Connections.Work;
import io.howdah.internal.jdbc.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What waits for its time in a stream or queue: delayed messages, and retries
 * of its subscriptions. Got from {@link Queue#schedule()} or
 * {@link Stream#schedule()}; costs nothing, safe for several threads.
 *
 * <p>
 * What a verb names by id alone is the delayed message; a retry, which is listed
 * with its subscription, is named by the {@link ScheduledMessage}. All throw
 * {@link HowdahException} with {@link ErrorCode#NOT_FOUND} if there is no such
 * stream.
 */
public final class Schedule {

  /** A message waits once in its stream, and once for each subscription. */
  private static final int MOST_RETRIES = 10_000;

  private final Howdah howdah;
  private final String stream;
  private final @Nullable Connection caller;

  Schedule(Howdah howdah, String stream, @Nullable Connection caller) {
    this.howdah = howdah;
    this.stream = stream;
    this.caller = caller;
  }

  /** The same verbs in the caller's transaction; the connection stays the caller's. */
  public Schedule in(Connection connection) {
    return new Schedule(howdah, stream, connection);
  }

  /** The messages that are due next, the first one first, 1 to 10,000. */
  public List<ScheduledMessage> list(int quantity) {
    Limits.quantity("quantity", quantity);
    return run(c -> DueFunctions.scheduled(c, stream, null, quantity));
  }

  /** The delayed message of this id, if it still waits. */
  public Optional<ScheduledMessage> find(UUID id) {
    return find(id, null);
  }

  /** The retry of a subscription, if it still waits; without a subscription the delayed message. */
  public Optional<ScheduledMessage> find(UUID id, @Nullable String subscription) {
    return run(c -> DueFunctions.scheduled(c, stream, id, MOST_RETRIES)).stream()
        .filter(each -> Objects.equals(each.subscription(), subscription)).findFirst();
  }

  /** Takes a delayed message back; false if it does not wait any more. */
  public boolean cancel(UUID id) {
    return run(c -> DueFunctions.cancel(c, stream, id, null));
  }

  /** Takes this delayed message or retry back; the subscription of a retry never gets it again. */
  public boolean cancel(ScheduledMessage message) {
    return run(c -> DueFunctions.cancel(c, stream, message.id(), message.subscription()));
  }

  /**
   * Gives a delayed message another time, at most 10 years ahead; one that is past
   * means now. False if it does not wait any more.
   */
  public boolean reschedule(UUID id, Instant due) {
    return reschedule(id, null, due);
  }

  /** The same for this delayed message or retry. */
  public boolean reschedule(ScheduledMessage message, Instant due) {
    return reschedule(message.id(), message.subscription(), due);
  }

  private boolean reschedule(UUID id, @Nullable String subscription, Instant due) {
    Limits.due(Duration.ZERO, due);
    boolean found = run(c -> DueFunctions.reschedule(c, stream, id, subscription, due));
    if (found) {
      howdah.ring(stream, caller != null);
    }
    return found;
  }

  private <R> R run(Work<R> work) {
    if (caller == null) {
      return howdah.call(work);
    }
    try {
      return work.run(caller);
    } catch (SQLException e) {
      throw SqlErrors.translate(e);
    }
  }
}
