package io.howdah.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Publishers at work, each on a thread of its own with a number of its own. */
final class Crowd {

  private final List<Thread> threads = new ArrayList<>();
  private final List<Stamp> stamps = new ArrayList<>();
  private final LongAdder published = new LongAdder();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final long ahead;
  private volatile boolean stopping;

  /** Of messages for now. */
  Crowd() {
    this(0);
  }

  /** Of messages that are due so many nanoseconds after they were published; their latency counts from then. */
  Crowd(long ahead) {
    this.ahead = ahead;
  }

  /**
   * What a crowd is to do.
   *
   * @param batch
   *          messages of one call
   * @param most
   *          after how many messages each publisher ends by itself
   */
  record Task(int publishers, int batch, long most) {

    static Task endless(int publishers, int batch) {
      return new Task(publishers, batch, Long.MAX_VALUE);
    }
  }

  /** Starts more publishers, which send until they are stopped or have done their task. */
  void start(Task task, Supplier<Peer.Sender> senders, IntFunction<Pace> paces) {
    for (int i = 0; i < task.publishers(); i++) {
      Stamp stamp = new Stamp(stamps.size(), ahead);
      stamps.add(stamp);
      Pace pace = paces.apply(i);
      var builder = task.publishers() > 32 ? Thread.ofVirtual() : Thread.ofPlatform();
      threads.add(builder.name("bench-publisher-" + i).start(() -> run(task, stamp, senders, pace)));
    }
  }

  private void run(Task task, Stamp stamp, Supplier<Peer.Sender> senders, Pace pace) {
    try (Peer.Sender sender = senders.get()) {
      pace.await();
      while (!stopping && stamp.count() < task.most()) {
        List<String> payloads = stamp.next((int) Math.min(task.batch(), task.most() - stamp.count()));
        sender.send(payloads);
        published.add(payloads.size());
        pace.await();
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
  }

  /** Messages whose publish has returned. */
  long published() {
    return published.sum();
  }

  long isStopping() {
    return stopping ? 1 : 0;
  }

  /** Ends all publishers after the batch they are at, and waits for them. */
  void stop() {
    stopping = true;
    join();
  }

  /** Waits until all have ended by themselves. */
  void join() {
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The first failure of a publisher, or null. */
  @Nullable
  Throwable failure() {
    return failure.get();
  }

  /** How many messages each publisher has published; read it when they have ended. */
  List<Long> counts() {
    return stamps.stream().map(Stamp::count).toList();
  }
}
