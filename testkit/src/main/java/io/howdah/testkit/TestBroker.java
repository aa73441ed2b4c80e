package io.howdah.testkit;

import io.howdah.Batch;
import io.howdah.Codec;
import io.howdah.Delivery;
import io.howdah.Durations;
import io.howdah.Envelope;
import io.howdah.ErrorCode;
import io.howdah.Handler;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.JobPerformer;
import io.howdah.Jobs;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.MessageSource;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Payload;
import io.howdah.TransactionalHandler;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * What a test of a program that uses Howdah needs: it handles messages on the test's own thread, waits until workers have nothing left to
 * do, and tells what was published. Safe for use by many threads.
 */
public final class TestBroker {
  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);
  private static final String HELD = """
      select subscription || ': ' || ready || ' ready, ' || in_flight || ' in flight, '
        || (select count(*) from howdah.due d where d.due <= howdah.now() and d.stream in (s.stream, s.return_stream)) || ' due'
      from howdah.stats() t join howdah.subscription s on s.name = t.subscription
      where (cardinality(?::text[]) = 0 or t.subscription = any (?::text[]))
        and (ready > 0 or in_flight > 0 or exists (
          select from howdah.due d where d.due <= howdah.now() and d.stream in (s.stream, s.return_stream)))
      order by 1""";
  private static final String STREAMS = """
      select name from howdah.stream where kind <> 'return' order by name""";

  private final TestDatabase database;
  private final Howdah howdah;

  TestBroker(TestDatabase database, Howdah howdah) {
    this.database = database;
    this.howdah = howdah;
  }

  /** The client, which is closed with the database. */
  public Howdah howdah() {
    return howdah;
  }

  /**
   * Lets everything in that is due by now: delays, retries and what recurs. Returns how many messages that were. Move the clock first, with
   * {@link TestClock#advance(Duration)}, to have what is due later.
   */
  public long runDue() {
    long all = 0;
    for (long moved = promote(); moved > 0; moved = promote()) {
      all += moved;
    }
    return all;
  }

  private long promote() {
    return database.number("select howdah.promote()");
  }

  /** How messages were handled, by what became of them. */
  public record Handled(int done, int retried, int released, int rejected, int archived) {
    /** All of them. */
    public int messages() {
      return done + retried + released + rejected + archived;
    }

    private Handled and(Outcome outcome) {
      return switch (outcome) {
        case Outcome.Done each -> new Handled(done + 1, retried, released, rejected, archived);
        case Outcome.Retry each -> new Handled(done, retried + 1, released, rejected, archived);
        case Outcome.Release each -> new Handled(done, retried, released + 1, rejected, archived);
        case Outcome.Reject each -> new Handled(done, retried, released, rejected + 1, archived);
        case Outcome.Archived each -> new Handled(done, retried, released, rejected, archived + 1);
      };
    }
  }

  /**
   * Handles everything that is ready or due, on this thread, one message after the other, also what handlers publish meanwhile, until nothing
   * is left. What an exception means is what it means for a worker. A handler that releases ends this, or it would not end.
   * For jobs, which are kept when they are done, see {@link #runJobs}.
   */
  public <T> Handled runAll(MessageSource<T> source, Handler<T> handler) {
    Handled handled = new Handled(0, 0, 0, 0, 0);
    while (handled.released() == 0) {
      runDue();
      try (Batch<T> batch = source.claim(1, LEASE)) {
        if (batch.isEmpty()) {
          return handled;
        }
        Outcome outcome = outcome(handler, batch.deliveries().getFirst());
        batch.settle(Outcomes.all(outcome));
        handled = handled.and(outcome);
      }
    }
    return handled;
  }

  private static <T> Outcome outcome(Handler<T> handler, Delivery<T> delivery) {
    try {
      Outcome outcome = handler.handle(delivery);
      return outcome == null ? new Outcome.Retry(null, "the handler failed", "the handler answered null") : outcome;
    } catch (HowdahException e) {
      return e.code() == ErrorCode.UNDECODABLE ? new Outcome.Reject("undecodable", e.toString()) : Outcome.failed(e);
    } catch (Exception e) {
      return Outcome.failed(e);
    }
  }

  /**
   * Performs all jobs of a scope that are ready or due, on this thread, one after the other, also those that they create, until nothing is
   * left. What becomes of them is what it is with {@link Jobs#perform}: one that is done is kept, so it counts as archived and
   * {@link JobAssertions} still see it; the attempts, back-off and limits of a job count, but nothing ends one that takes too long. A
   * performer that releases ends this, or it would not end.
   */
  public <T> Handled runJobs(Jobs<T> jobs, JobPerformer<T> performer) {
    jobs.create();
    Handled handled = new Handled(0, 0, 0, 0, 0);
    while (handled.released() == 0) {
      runDue();
      Optional<Outcome> outcome = jobs.performNext(performer);
      if (outcome.isEmpty()) {
        return handled;
      }
      handled = handled.and(outcome.get());
    }
    return handled;
  }

  /**
   * Takes the next message and gives it to the handler with a connection in whose transaction it is settled: both commit, or neither. Returns
   * the handler's answer.
   *
   * @throws AssertionError if no message is ready
   * @throws Exception of the handler, or of the commit, after a rollback; the message is ready again
   */
  public <T> Outcome deliverNext(MessageSource<T> source, TransactionalHandler<T> handler) throws Exception {
    runDue();
    try (Batch<T> batch = source.claim(1, LEASE); Connection transaction = database.connect()) {
      if (batch.isEmpty()) {
        throw new AssertionError("no message is ready to be delivered; held are: " + held(List.of()));
      }
      transaction.setAutoCommit(false);
      boolean committed = false;
      try {
        Outcome outcome = handler.handle(batch.deliveries().getFirst(), transaction);
        batch.settle(transaction, Outcomes.all(outcome));
        transaction.commit();
        committed = true;
        return outcome;
      } finally {
        if (!committed) {
          transaction.rollback();
          batch.release();
        }
      }
    }
  }

  /** Gives a message to a handler as its first delivery, without any queue; the handler's answer or exception comes back. */
  public static <T> Outcome deliver(Message<T> message, Handler<T> handler) throws Exception {
    return handler.handle(delivery(message, 1));
  }

  /** The same in the caller's transaction, which stays the caller's: a test may look into it and roll it back. */
  public static <T> Outcome deliver(Message<T> message, TransactionalHandler<T> handler, Connection transaction)
      throws Exception {
    return handler.handle(delivery(message, 1), transaction);
  }

  /** A delivery of a message, as if it was the n-th attempt. Its payload is as it is, and not encoded. */
  public static <T> Delivery<T> delivery(Message<T> message, int attempt) {
    String topic = message.topic() == null ? message.headers().get("type") : message.topic();
    Envelope envelope = new Envelope(UUID.randomUUID(), 1, attempt, topic, message.key(), message.headers(),
        Instant.now());
    Payload raw = message.payload() instanceof Payload known ? known : new Json(message.payload().toString());
    return new Delivery<>(envelope, raw, Codec.ofBytes("application/octet-stream",
        payload -> payload.toString().getBytes(StandardCharsets.UTF_8), bytes -> message.payload()));
  }

  /**
   * Waits until nothing is ready, due or in flight in these queues and subscriptions; in none at all, if none is named.
   *
   * @throws AssertionError if something is left when the time is over, with what it is
   */
  public void awaitIdle(Duration most, String... names) {
    long deadline = System.nanoTime() + Durations.bounded(most).toNanos();
    List<String> held = held(List.of(names));
    while (!held.isEmpty()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("after " + most + " there is still work to do: " + held);
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      held = held(List.of(names));
    }
  }

  private List<String> held(List<String> names) {
    String[] array = names.toArray(String[]::new);
    return database.texts(HELD, array, array);
  }

  /** What was published to a stream or queue, for assertions; to a bound queue, or another subscription, what it takes of its stream. */
  public PublishedMessages published(String name) {
    return PublishedMessages.of(database, name);
  }

  /** Drops all queues, streams and subscriptions, and what they hold, so that the next test begins with nothing. */
  public void clear() {
    for (String stream : database.texts(STREAMS)) {
      database.query("select howdah.drop_stream(?, true)", stream);
    }
  }

  /** Runs something in a transaction of its own that is rolled back afterwards. */
  public void rolledBack(Work work) throws Exception {
    try (Connection transaction = database.connect()) {
      transaction.setAutoCommit(false);
      try {
        work.run(transaction);
      } finally {
        transaction.rollback();
      }
    }
  }

  /** Something done in a transaction. */
  @FunctionalInterface
  public interface Work {
    /** Does it. */
    void run(Connection transaction) throws Exception;
  }
}
