package io.howdah.internal.wakeup;

import io.howdah.ChannelListener;
import io.howdah.internal.failure.ErrorText;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listener of one channel, on a thread of its own, so that it may take its
 * time. What it has not yet taken waits here, bounded: when there is too much of
 * it, it is let go, and the listener is told that it has missed something.
 */
public final class ChannelEar implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ChannelEar.class);
  private static final int MOST_WAITING = 10_000;
  private static final long LOOK_MILLIS = 200;
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final String channel;
  private final ChannelListener listener;
  private final Consumer<ChannelEar> atClose;
  private final BlockingQueue<String> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
  private final AtomicBoolean missed = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean listening;
  private volatile boolean closed;

  ChannelEar(String channel, ChannelListener listener, Consumer<ChannelEar> atClose) {
    this.channel = channel;
    this.listener = listener;
    this.atClose = atClose;
    this.thread = Thread.ofVirtual().name("howdah-channel-" + channel).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  public String channel() {
    return channel;
  }

  /** Whether notifications arrive now. */
  public boolean isListening() {
    return listening && !closed;
  }

  void heard(String payload) {
    if (!waiting.offer(payload)) {
      waiting.clear();
      missed.set(true);
    }
  }

  /** Notifications are heard from here on; before, some may have been missed. */
  void listening() {
    missed.set(true);
    listening = true;
  }

  void deaf() {
    listening = false;
  }

  private void run() {
    while (!closed) {
      try {
        String payload = waiting.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (missed.getAndSet(false)) {
          tell(listener::missed);
        }
        if (payload != null) {
          tell(() -> listener.heard(payload));
        }
      } catch (InterruptedException e) {
        if (closed) {
          return;
        }
      }
    }
  }

  private void tell(Runnable call) {
    if (closed) {
      return;
    }
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      LOG.warn("the listener of channel {} failed; it goes on with the next notification", channel,
          ErrorText.readable(e));
    }
  }

  /** Waits for a call of the listener that runs, but not for ever, and not if that call is the caller. */
  @Override
  public void close() {
    closed = true;
    atClose.accept(this);
    if (Thread.currentThread().equals(thread)) {
      return;
    }
    try {
      if (!thread.join(CLOSE)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
