package io.howdah.engine.histories;

/** A worker of a fleet, in this process or in another one. */
interface Member extends AutoCloseable {
  /** Whether it can be killed; others are only ever closed. */
  boolean isMortal();

  /** Settles all that it has and claims no more; false if that takes too long. */
  boolean drain();

  /** Claims again. */
  void resume();

  /** Dies without a goodbye: what it has comes back when its lease has run out. */
  void kill() throws InterruptedException;

  /** How many deliveries it has seen. */
  int deliveries();

  /** Ends in good order. */
  @Override
  void close();
}
