package io.howdah.testkit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What publishers and consumers saw, in the order in which they recorded it; {@link HistoryChecker} judges it. Record an attempt
 * <em>before</em> the call and an answer <em>after</em> it, so that the order of two events is never claimed wrongly.
 *
 * <p>Messages are named by a text of the test's choosing, such as their payload. Safe for use by many threads.
 */
public final class History {
  /** One thing that happened. */
  public sealed interface Event {
  }

  /** A publish is about to be called. */
  public record Attempted(String message, @Nullable String key) implements Event {
  }

  /** The publish has committed, and the publisher knows it. */
  public record Acknowledged(String message) implements Event {
  }

  /** The publish was rolled back, and the publisher knows it: the message must never appear. */
  public record RolledBack(String message) implements Event {
  }

  /** When the message may be delivered at all, by the database's clock; null: no limit. It counts wherever it stands. */
  public record Timed(String message, @Nullable Instant notBefore, @Nullable Instant notAfter) implements Event {
  }

  /** The message's position in its stream, found out by other means than its deliveries. It counts wherever it stands. */
  public record Placed(String message, long position) implements Event {
  }

  /** The claim under this token was made between these times of the database. It counts wherever it stands. */
  public record Claimed(String token, Instant notBefore, Instant notAfter) implements Event {
  }

  /**
   * A consumer was handed the message under the token.
   *
   * @param position 0: not known
   * @param attempt 0: not known
   */
  public record Delivered(String message, String subscription, long position, String token,
      int attempt) implements Event {
    /** A delivery of which the attempt is not known. */
    public Delivered(String message, String subscription, long position, String token) {
      this(message, subscription, position, token, 0);
    }
  }

  /** The holder of the token is about to settle: what it has may be ended, or in other hands, from now on. */
  public record Settling(String token) implements Event {
  }

  /** The broker accepted this outcome ({@code done}, {@code retry}, {@code release} or {@code reject}). */
  public record Settled(String message, String subscription, String token, String outcome) implements Event {
  }

  /** The broker was asked to settle this delivery, and the answer is not known. */
  public record Unsettled(String message, String subscription, String token) implements Event {
  }

  /** The token is void, or may be: its lease has lapsed, its consumer died, or it was handed back. */
  public record Voided(String token) implements Event {
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Event> events = new ArrayList<>();

  /** A publish is about to be called; {@code key} is the ordering key, or null. */
  public void attempted(String message, @Nullable String key) {
    record(new Attempted(message, key));
  }

  /** The publish has committed. An attempt without this and without {@link #rolledBack} is of unknown outcome. */
  public void acknowledged(String message) {
    record(new Acknowledged(message));
  }

  /** The publish was surely rolled back. */
  public void rolledBack(String message) {
    record(new RolledBack(message));
  }

  /** A consumer was handed the message. */
  public void delivered(String message, String subscription, long position, String token) {
    record(new Delivered(message, subscription, position, token));
  }

  /** A settle is about to be called. */
  public void settling(String token) {
    record(new Settling(token));
  }

  /** The broker said that it accepted the outcome. */
  public void settled(String message, String subscription, String token, String outcome) {
    record(new Settled(message, subscription, token, outcome));
  }

  /** A settle was sent, and no answer came. */
  public void unsettled(String message, String subscription, String token) {
    record(new Unsettled(message, subscription, token));
  }

  /** From now on a delivery under this token may be repeated. Record it before the cause: before the kill, before the clock moves. */
  public void voided(String token) {
    record(new Voided(token));
  }

  /** A copy of all events up to now. */
  public List<Event> events() {
    lock.lock();
    try {
      return List.copyOf(events);
    } finally {
      lock.unlock();
    }
  }

  /** How many events there are up to now. */
  public int size() {
    lock.lock();
    try {
      return events.size();
    } finally {
      lock.unlock();
    }
  }

  /** Any event. */
  public void record(Event event) {
    lock.lock();
    try {
      events.add(event);
    } finally {
      lock.unlock();
    }
  }
}
