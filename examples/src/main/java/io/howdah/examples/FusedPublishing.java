package io.howdah.examples;

import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Publisher;
import io.howdah.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Many single messages, few commits: what waits while a statement is on its way leaves with the next one. */
public final class FusedPublishing {

  private FusedPublishing() {
  }

  public static void main(String[] args) {
    try (Howdah howdah = Howdah.open(Database.fromEnvironment())) {
      publish(howdah, 10_000);
    }
  }

  /** Publishes readings and returns when all are stored. */
  public static void publish(Howdah howdah, int count) {
    Queue<Json> readings = howdah.queue("readings").create();
    // region: fused
    try (Publisher<Json> publisher = readings.publisher()) {
      List<CompletableFuture<UUID>> stored = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Message<Json> reading = Message.of(new Json("{\"value\": " + i + "}")).withKey("sensor-" + i % 10);
        stored.add(publisher.publish(reading)); // blocks only while too much is waiting
      }
      stored.forEach(CompletableFuture::join); // throws if one of them was not stored
    }
    // endregion
  }
}
