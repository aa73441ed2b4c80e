package io.howdah.engine.histories;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The parts of a workload, each on a thread of its own. */
final class Parts implements AutoCloseable {
  private final String whole;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> running = new ArrayList<>();

  Parts(String whole) {
    this.whole = whole;
  }

  void start(Callable<Void> part) {
    running.add(threads.submit(part));
  }

  /** Returns when all have ended; an AssertionError if one has failed. */
  void join() {
    for (Future<?> part : running) {
      try {
        part.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      } catch (ExecutionException e) {
        throw new AssertionError("a part of " + whole + " failed", e.getCause());
      }
    }
  }

  @Override
  public void close() {
    threads.close();
  }
}
