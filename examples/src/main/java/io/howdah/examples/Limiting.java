package io.howdah.examples;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.howdah.Howdah;
import io.howdah.LimitOptions;
import io.howdah.Queue;
import io.howdah.SubscriptionOptions;

/** Consumers that share what a service allows, however many processes they are. */
public final class Limiting {

  private Limiting() {
  }

  public static void main(String[] args) {
    try (Howdah howdah = Howdah.open(Database.fromEnvironment())) {
      System.out.println(create(howdah).limits());
      System.out.println(standBy(howdah).limits());
      System.out.println(createByKey(howdah).limits());
    }
  }

  /** A queue of texts to a service that allows 100 in a minute, 4 at a time. */
  public static Queue<String> create(Howdah howdah) {
    // region: limits
    Queue<String> texts = howdah.queue("text-messages", String.class)
        .create(LimitOptions.none().withRate(100, ofMinutes(1)).withConcurrency(4));
    // endregion
    return texts;
  }

  /** Calls of a service that allows each customer, whose number is the key, 5 a second, 2 at a time. */
  public static Queue<String> createByKey(Howdah howdah) {
    // region: keys
    Queue<String> calls = howdah.queue("api-calls", String.class).create(howdah.stream("calls", String.class).create(),
        SubscriptionOptions.defaults()
            .withLimits(LimitOptions.none().withKeyRate(5, ofSeconds(1)).withKeyConcurrency(2)),
        "call.#");
    // endregion
    return calls;
  }

  /** The same queue, now with one consumer at a time. */
  public static Queue<String> standBy(Howdah howdah) {
    Queue<String> texts = howdah.queue("text-messages", String.class);
    // region: alter
    texts.alter(texts.limits().withoutRate().withSingleActive(true));
    // endregion
    return texts;
  }
}
