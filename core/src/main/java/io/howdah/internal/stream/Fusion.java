package io.howdah.internal.stream;

import io.howdah.ErrorCode;
import io.howdah.FailureListener;
import io.howdah.HowdahException;
import io.howdah.Message;
import io.howdah.PublisherOptions;
import io.howdah.PublisherStats;
import io.howdah.Unpublished;
import io.howdah.internal.failure.ErrorText;
import io.howdah.internal.wakeup.Backoff;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fuses concurrent single publishes.
 *
 * <p>
 * One commit costs a round trip and a flush of the database's log, whether it
 * brings one message or a thousand. So a few lanes, each with one statement in
 * flight, take whatever waits the moment they are free and send it as one
 * {@code publish_many}. Nobody waits for a batch to fill: a lonely message
 * leaves at once, and while a statement is on its way the next batch gathers by
 * itself. The busier the publishers, the larger the batches.
 *
 * <p>
 * A statement is all or nothing, but the publishers have nothing to do with one
 * another: when the database refuses a batch because of an argument, the batch
 * is sent again in halves, in order, until the culprit stands alone and only
 * its future fails. When the connection is lost the outcome is unknown: the
 * futures fail and say so, and nothing is sent again, since that could publish
 * twice. Unless {@link PublisherOptions#retryFor()} is zero a statement carries the id of
 * its batch, by which the database knows it again, and is sent until the
 * database is back or the time is over; what waits behind it keeps its order,
 * and publish blocks once the room is used up. What fails goes to the listener
 * first, with the ids that its statement gave or would have given. The futures
 * end on other threads ({@link Endings}), when their messages do not count as
 * pending any more: what depends on them may do what it likes.
 */
public final class Fusion<T> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Fusion.class);
  private static final long FIRST_RETRY = Duration.ofMillis(20).toNanos();
  /** How long a lane that has to give up gets to tell what it could not send. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);
  private static final long LAST_RETRY = Duration.ofSeconds(1).toNanos();

  private final Outlet<T> outlet;
  private final PublisherOptions options;
  private final FailureListener listener;
  private final FusionQueue queue;
  private final List<Thread> lanes = new ArrayList<>();
  private final CountDownLatch givenUp = new CountDownLatch(1);
  private final AtomicBoolean closing = new AtomicBoolean();
  private final Endings endings = new Endings();
  private final LongAdder published = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder statements = new LongAdder();

  public Fusion(Outlet<T> outlet, PublisherOptions options, FailureListener listener) {
    this.outlet = outlet;
    this.listener = listener;
    this.options = options;
    this.queue = new FusionQueue(options);
    for (int lane = 0; lane < options.lanes(); lane++) {
      int number = lane;
      lanes.add(Thread.ofVirtual().name("howdah-publish-" + outlet.stream() + "-" + lane).start(() -> run(number)));
    }
  }

  public CompletableFuture<UUID> publish(Message<T> message) {
    return queue.put(outlet.encode(message));
  }

  public void flush() {
    long until = System.nanoTime() + options.timeout().toNanos();
    queue.flush();
    if (!endings.await(until)) {
      throw new HowdahException(ErrorCode.TIMEOUT, "flush took longer than " + options.timeout()
          + "; all messages have reached the database or failed, but not all of their futures have been told");
    }
  }

  public PublisherStats stats() {
    return new PublisherStats(published.sum(), failed.sum(), statements.sum(), queue.pending());
  }

  private void run(int lane) {
    try {
      List<Pending> batch = queue.take(lane);
      while (!batch.isEmpty()) {
        Endings.Batch ends = endings.of(batch.size());
        List<Pending> taken = batch;
        send(taken, ends);
        ends.start(() -> queue.ended(lane, taken));
        batch = queue.take(lane);
      }
    } catch (InterruptedException e) {
      // Nobody interrupts a lane; if somebody did, close fails what is left.
      Thread.currentThread().interrupt();
    }
  }

  private void send(List<Pending> batch, Endings.Batch ends) {
    List<Encoded> messages = new ArrayList<>(batch.size());
    batch.forEach(pending -> messages.add(pending.message()));
    UUID id = BatchId.next();
    UUID[] ids;
    try {
      ids = options.retryFor().isZero() ? sendOnce(messages) : sendUntilStored(id, messages);
    } catch (HowdahException e) {
      if ((e.code() == ErrorCode.INVALID || e.code() == ErrorCode.UNROUTABLE) && batch.size() > 1) {
        send(batch.subList(0, batch.size() / 2), ends);
        send(batch.subList(batch.size() / 2, batch.size()), ends);
      } else {
        fail(batch, id, e, ends);
      }
      return;
    } catch (Throwable e) {
      fail(batch, id,
          new HowdahException(ErrorCode.INTERNAL,
              "outcome unknown: publishing to " + outlet.stream() + " failed unexpectedly: " + ErrorText.line(e), e),
          ends);
      return;
    }
    published.add(ids.length);
    for (int i = 0; i < ids.length; i++) {
      ends.stored(batch.get(i).future(), ids[i]);
    }
  }

  private UUID[] sendOnce(List<Encoded> messages) {
    statements.increment();
    return outlet.send(messages);
  }

  private UUID[] sendUntilStored(UUID batch, List<Encoded> messages) {
    Backoff backoff = new Backoff(FIRST_RETRY, LAST_RETRY);
    long until = System.nanoTime() + options.retryFor().toNanos();
    boolean sent = false;
    while (true) {
      try {
        statements.increment();
        return outlet.send(batch, messages);
      } catch (HowdahException e) {
        sent |= !String.valueOf(e.getMessage()).contains("nothing was sent");
        if (!isPassing(e.code()) || System.nanoTime() >= until || waitOrGiveUp(backoff.nextNanos())) {
          throw isPassing(e.code()) ? away(e, sent) : e;
        }
      }
    }
  }

  /** Whether the same statement may work later. */
  private static boolean isPassing(ErrorCode code) {
    return code == ErrorCode.UNAVAILABLE || code == ErrorCode.TIMEOUT || code == ErrorCode.CONTENTION;
  }

  /** Whether the publisher is closed and nothing is to be tried any more. */
  private boolean waitOrGiveUp(long nanos) {
    try {
      return givenUp.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static HowdahException away(HowdahException last, boolean sent) {
    return new HowdahException(ErrorCode.UNAVAILABLE,
        (sent
            ? "outcome unknown: the database did not come back in time after the message was sent"
            : "the database did not come back in time; this message was not published") + " (" + last.getMessage()
            + ")",
        last);
  }

  private void fail(List<Pending> batch, UUID id, HowdahException reason, Endings.Batch ends) {
    failed.add(batch.size());
    List<Unpublished> messages = new ArrayList<>(batch.size());
    for (Pending pending : batch) {
      messages.add(
          new Unpublished(outlet.stream(), BatchId.message(id, messages.size()), pending.message().message(), reason));
    }
    try {
      listener.failed(messages);
    } catch (Throwable e) {
      LOG.error("{} messages for \"{}\" that were not published could not be kept either ({})", messages.size(),
          outlet.stream(), e instanceof UncheckedIOException disk ? disk.getMessage() : e.getClass().getName());
    }
    batch.forEach(pending -> ends.failed(pending.future(), reason));
  }

  /**
   * Takes no more messages, sends what waits, and fails what could not be sent
   * within the time-out.
   */
  @Override
  public void close() {
    queue.close();
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    if (!joined(options.timeout())) {
      givenUp.countDown();
      HowdahException reason = new HowdahException(ErrorCode.CLOSED,
          "the publisher was closed before this message could be sent; it was not published");
      List<Pending> left = queue.abandon();
      Endings.Batch ends = endings.of(left.size());
      for (int from = 0; from < left.size(); from += options.maxBatchSize()) {
        fail(left.subList(from, Math.min(left.size(), from + options.maxBatchSize())), BatchId.next(), reason, ends);
      }
      ends.start(() -> {
      });
      joined(LAST_WORDS);
    }
    endings.await(System.nanoTime() + LAST_WORDS.toNanos());
  }

  /** Whether all lanes have ended within this time. */
  private boolean joined(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean ended = true;
    try {
      for (Thread lane : lanes) {
        ended &= lane.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      }
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
