package io.howdah.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * SIGTERM and SIGINT as something to ask for and to wait for: the process goes on until the command that holds this has
 * put things in order and closed it, or until the grace is over. The exit status stays that of the signal.
 */
final class Signals implements AutoCloseable {

  private final CountDownLatch raised = new CountDownLatch(1);
  private final CountDownLatch inOrder = new CountDownLatch(1);
  private final Thread hook;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Thread waiting;

  private Signals(Runnable told, Duration grace) {
    this.hook = new Thread(() -> {
      raised.countDown();
      interrupt();
      told.run();
      awaitOrder(grace);
    }, "howdah-signal");
  }

  /** From now on {@code told} is called, once, when a signal comes. */
  static Signals catching(Duration grace, Runnable told) {
    Signals signals = new Signals(told, grace);
    Runtime.getRuntime().addShutdownHook(signals.hook);
    return signals;
  }

  boolean raised() {
    return raised.getCount() == 0;
  }

  /** Waits; true if a signal came before the time was over. */
  boolean await(Duration time) throws InterruptedException {
    return raised.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Does what waits, on this thread; a signal interrupts it, but nothing after it. */
  <R> R interrupting(Supplier<R> work) {
    setWaiting(Thread.currentThread());
    try {
      if (raised()) {
        interrupt();
      }
      return work.get();
    } finally {
      setWaiting(null);
      Thread.interrupted();
    }
  }

  private void setWaiting(@Nullable Thread thread) {
    lock.lock();
    waiting = thread;
    lock.unlock();
  }

  private void interrupt() {
    lock.lock();
    if (waiting != null) {
      waiting.interrupt();
    }
    lock.unlock();
  }

  private void awaitOrder(Duration grace) {
    try {
      boolean ignored = inOrder.await(grace.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    inOrder.countDown();
    if (!raised()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException shuttingDown) {
        raised.countDown();
      }
    }
  }
}
