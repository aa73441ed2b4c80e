package io.howdah.internal.subscription;

/** Which messages of a slice may be started, and which are. Called by any thread. */
sealed interface Turns permits FreeTurns, LaneTurns {

  /** Nobody. */
  int NONE = -1;

  /** The index of a message to start, or {@link #NONE} if there is none to be started now. */
  int start();

  /** The same for one who starts them without waiting for answers, in order. */
  int startNext();

  /** Starts all at once; false if any was started before. */
  boolean startAll();

  /** When one was started last. */
  long startedAt();

  /** Messages that nobody has started. */
  int unstarted();

  /** Messages that may be started now. */
  int startable();

  /** Starts what nobody has started, so that nobody does. */
  int[] startRest();

  /** The same for what cannot be started yet. */
  int[] startWaiting();

  /** The message that has to wait for the answer to this one, or {@link #NONE}. */
  int behind(int index);

  /** A message is answered: the one behind it may be started. */
  void answered(int index);

  /** A message is not to be started any more. */
  void skip(int index);
}
