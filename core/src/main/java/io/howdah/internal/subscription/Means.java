package io.howdah.internal.subscription;

import io.howdah.WorkerOptions;
import io.howdah.internal.wakeup.Signal;

/** What calls of a handler need, whichever they are, and wherever messages come from. */
public record Means(String name, WorkerOptions options, Failures failures, TimeKeeper keeper, Signal signal) {

  /** Without a worker. */
  public static Means alone(String name, WorkerOptions options) {
    return of(name, options, new Counters());
  }

  static Means of(String name, WorkerOptions options, Counters counters) {
    Signal signal = new Signal();
    return new Means(name, options, new Failures(options.failures(), counters, signal),
        new TimeKeeper(name, options.timeLimit(), counters), signal);
  }
}
