package io.howdah.internal.stream;

import io.howdah.HowdahException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the futures of messages on threads of their own, because what depends on a
 * future runs where the future ends, and may wait, even for another future of the
 * same batch. One thread ends the futures of a batch, one after the other; when
 * one of them keeps it, another thread goes on with the rest.
 */
final class Endings {

  private static final Logger LOG = LoggerFactory.getLogger(Endings.class);
  private static final int MOST_UNREADABLE = 100;
  private static final long KEPT = Duration.ofMillis(10).toNanos();

  private final Set<Batch> running = ConcurrentHashMap.newKeySet();

  private record End(CompletableFuture<UUID> future, @Nullable UUID id, @Nullable HowdahException reason) {

    /** What depends on it may throw even here if its exception cannot be read; the next try goes on behind it. */
    void tell() {
      for (int i = 0; i < MOST_UNREADABLE; i++) {
        try {
          if (reason == null) {
            future.complete(id);
          } else {
            future.completeExceptionally(reason);
          }
          return;
        } catch (Throwable unreadable) {
          LOG.warn("what depends on a publish failed with {}, which cannot be read", unreadable.getClass().getName());
        }
      }
    }
  }

  /** A batch of so many messages, each of which is about to be stored or failed. */
  Batch of(int size) {
    return new Batch(size);
  }

  /** Waits until all futures have ended whose batches have been started; false if that takes too long. */
  boolean await(long until) {
    for (Batch batch : running) {
      if (!batch.await(until)) {
        return false;
      }
    }
    return true;
  }

  /** What becomes of the messages of one batch. Belongs to one thread until it is told. */
  final class Batch {

    private final List<End> ends;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);

    private Batch(int size) {
      this.ends = new ArrayList<>(size);
    }

    void stored(CompletableFuture<UUID> future, UUID id) {
      ends.add(new End(future, id, null));
    }

    void failed(CompletableFuture<UUID> future, HowdahException reason) {
      ends.add(new End(future, null, reason));
    }

    /** All is known: they do not count as pending any more, and then their futures end. */
    void start(Runnable notPending) {
      running.add(this);
      notPending.run();
      Thread.ofVirtual().name("howdah-published").start(this::run);
    }

    private void run() {
      if (ends.size() - next.get() > 1) {
        Thread.ofVirtual().name("howdah-published").start(this::goOn);
      }
      for (int i = next.getAndIncrement(); i < ends.size(); i = next.getAndIncrement()) {
        ends.get(i).tell();
        if (told.incrementAndGet() == ends.size()) {
          running.remove(this);
        }
      }
      begun.countDown();
    }

    /** In case a thread is kept by what depends on a future. */
    private void goOn() {
      try {
        if (!begun.await(KEPT, TimeUnit.NANOSECONDS)) {
          run();
        }
      } catch (InterruptedException e) {
        run(); // nobody interrupts it but those who want all threads to end: then it is time to tell
      }
    }

    private boolean await(long until) {
      for (End end : ends) {
        try {
          end.future().get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | CancellationException e) {
          continue; // it has ended
        } catch (TimeoutException e) {
          return false;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return true;
    }
  }
}
