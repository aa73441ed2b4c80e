package io.howdah.internal.subscription;

import io.howdah.internal.jdbc.Stoppable;
import org.jspecify.annotations.Nullable;

/**
 * One thread that calls the handler, seen by those who may have to stop it.
 */
public final class Hand {

  private final TimeKeeper keeper;
  private final Stoppable thread;
  private final Runnable replacement;
  private volatile boolean replaced;
  private volatile TimeKeeper.@Nullable Run run;

  /** For the current thread. */
  Hand(TimeKeeper keeper, Runnable replacement) {
    this.keeper = keeper;
    this.thread = Stoppable.currentThread();
    this.replacement = replacement;
    keeper.watch(this);
  }

  TimeKeeper.@Nullable Run run() {
    return run;
  }

  Stoppable thread() {
    return thread;
  }

  // The hand's own thread.

  /** A call of the handler begins; {@link #end} must follow. */
  public void begin(Runnable timedOut) {
    run = keeper.begin(this, timedOut);
  }

  /** The call has ended; false if its time was over before. */
  public boolean end() {
    TimeKeeper.Run ended = run;
    if (ended == null) {
      return true;
    }
    run = null;
    boolean inTime = ended.end();
    if (!inTime) {
      thread.reset();
    }
    return inTime;
  }

  // Other threads.

  void stop() {
    thread.stop();
  }

  public boolean isReplaced() {
    return replaced;
  }

  /** Another thread takes this one's place. */
  void replace() {
    replaced = true;
    replacement.run();
  }
}
