package io.howdah.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and SIGINT as something to ask for and to wait for: the process goes on until the command that holds this has
 * put things in order and closed it, or until the grace is over. The exit status stays that of the signal.
 */
final class Signals implements AutoCloseable {

  private final CountDownLatch raised = new CountDownLatch(1);
  private final CountDownLatch inOrder = new CountDownLatch(1);
  private final Thread hook;

  private Signals(Runnable told, Duration grace) {
    this.hook = new Thread(() -> {
      raised.countDown();
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
