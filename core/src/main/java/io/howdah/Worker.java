package io.howdah;

import io.howdah.internal.subscription.WorkLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Claims messages, calls the handler, settles what it answers, until it is
 * closed, or its queue or subscription is dropped. It outlives lost connections,
 * restarts and upgrades of the database: it tries again with a back-off, says so
 * once in the log, goes on by itself, and says then how long it took. Safe for
 * several threads.
 */
public final class Worker implements AutoCloseable {

  private final WorkLoop<?> loop;
  private final Consumer<AutoCloseable> onClose;

  Worker(WorkLoop<?> loop, Consumer<AutoCloseable> onClose) {
    this.loop = loop;
    this.onClose = onClose;
  }

  public WorkerStats stats() {
    return loop.stats();
  }

  /** What it is doing now. */
  public WorkerState state() {
    return loop.state();
  }

  /**
   * Why it has ended by itself: {@link ErrorCode#NOT_FOUND}, naming its subscription, if that was dropped or has expired. It
   * does not come back when a subscription of this name is made again; start another worker then. Empty while it runs, and
   * if it was closed.
   */
  public Optional<HowdahException> failure() {
    return Optional.ofNullable(loop.ending().failure());
  }

  /**
   * Ends when the worker has ended: as done if it was closed, else with {@link #failure()}. Wait for it, with a time of your
   * choice, or hang on it what is to be done then.
   */
  public CompletableFuture<Void> termination() {
    return loop.ending().termination();
  }

  /** {@link WorkerOptions#owner()}: give it one for a name that outlives the process. */
  public String name() {
    return loop.options().owner();
  }

  /** Looks for messages now, if it was going to wait before it does. */
  public void wake() {
    loop.wake();
  }

  /**
   * Claims no more and hands back what is not started; handlers that run finish,
   * and their answers are settled. {@link #resume()} goes on.
   */
  public void pause() {
    loop.pause();
  }

  /** Claims again after {@link #pause()} or {@link #drain}, or if it was disabled. */
  public void resume() {
    loop.resume();
  }

  /**
   * Claims no more and waits, for at most {@code most}, until all that it has
   * claimed is handled and settled; false if something is left, or it was resumed
   * meanwhile. It claims nothing until {@link #resume()}.
   */
  public boolean drain(Duration most) {
    return loop.drain(Durations.bounded(most));
  }

  /** {@link #close(Duration)} with {@link WorkerOptions#grace()}. */
  @Override
  public void close() {
    close(loop.options().grace());
  }

  /**
   * Claims no more, lets running handlers finish for at most {@code grace}, then
   * interrupts them; settles what was answered and hands the rest back. Returns
   * when that is done, and if the database is away, a few seconds after the
   * grace: then the leases run out by themselves.
   */
  public void close(Duration grace) {
    loop.close(Durations.bounded(grace));
    onClose.accept(this);
  }
}
