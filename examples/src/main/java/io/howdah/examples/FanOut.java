package io.howdah.examples;

import io.howdah.Batch;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.StartPosition;
import io.howdah.Stream;
import io.howdah.Subscription;
import java.time.Duration;

/** A message of a stream is stored once and reaches every subscription. */
public final class FanOut {

  private FanOut() {
  }

  public static void main(String[] args) {
    try (Howdah howdah = Howdah.open(Database.fromEnvironment())) {
      System.out.println(deliver(howdah) + " deliveries of one message");
    }
  }

  /** Publishes one message; returns how many subscriptions got it. */
  public static int deliver(Howdah howdah) {
    // region: fan-out
    Stream<Json> events = howdah.stream("sales").create(Duration.ofHours(12)); // kept for later subscriptions
    Subscription<Json> bonus = events.subscribe("bonus"); // from now on
    Subscription<Json> audit = events.subscribe("audit", StartPosition.beginning());

    events.publish(Message.of(new Json("{\"order\": 42}")).withTopic("order.placed"));
    // endregion
    return take(bonus) + take(audit);
  }

  private static int take(Subscription<Json> subscription) {
    try (Batch<Json> batch = subscription.claim(100, Duration.ofSeconds(30))) {
      batch.done();
      return batch.size();
    }
  }
}
