package io.howdah.internal.subscription;

import io.howdah.TimeLimit;
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
  private TimeKeeper.@Nullable Run late;

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

  /**
   * A call of the handler begins; {@link #end} must follow.
   *
   * @param patient
   *          whether its messages fail only when a handler whose time is over has come back or was given up
   * @param timedOut
   *          is run if it takes too long
   */
  public void begin(boolean patient, Runnable timedOut) {
    run = keeper.begin(this, patient, timedOut);
  }

  /** The same with a limit of its own, and patient. */
  void begin(TimeLimit limit, Runnable timedOut) {
    TimeKeeper.Run begun = keeper.begin(this, limit, timedOut);
    run = begun;
    keeper.look(begun);
  }

  /** The call has ended; false if its time was over before. */
  public boolean end() {
    boolean inTime = leave();
    if (!inTime) {
      endLate();
    }
    return inTime;
  }

  /** {@link #end} for one who has something to undo before {@link #endLate}. */
  boolean leave() {
    TimeKeeper.Run ended = run;
    if (ended == null) {
      return true;
    }
    run = null;
    boolean inTime = ended.end();
    if (!inTime) {
      thread.reset();
      late = ended;
    }
    return inTime;
  }

  /** Nothing of a call whose time was over goes on. */
  void endLate() {
    TimeKeeper.Run ended = late;
    late = null;
    if (ended != null) {
      ended.endLate();
    }
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
