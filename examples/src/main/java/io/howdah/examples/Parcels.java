package io.howdah.examples;

import static io.howdah.Outcome.done;
import static java.time.Duration.ofSeconds;

import io.howdah.BlockedKey;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Ordering;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.RetryPolicy.AfterLast;
import io.howdah.Worker;
import java.util.List;
import java.util.function.Consumer;

/** The events of each parcel, one after the other. */
public final class Parcels {

  private Parcels() {
  }

  public static void main(String[] args) {
    try (Howdah howdah = Howdah.open(Database.fromEnvironment())) {
      Queue<Json> parcels = create(howdah);
      publish(parcels);
      try (Worker worker = work(parcels, System.out::println)) {
        while (worker.stats().done() < 3) {
          Thread.onSpinWait();
        }
      }
    }
  }

  /** An ordered queue. */
  public static Queue<Json> create(Howdah howdah) {
    // region: create
    Queue<Json> parcels = howdah.queue("parcels").create(Ordering.byKey(),
        RetryPolicy.fixed(ofSeconds(30)).withMaxAttempts(5).withAfterLast(AfterLast.BLOCK));
    // endregion
    return parcels;
  }

  /** Three events of two parcels. */
  public static void publish(Queue<Json> parcels) {
    // region: publish
    parcels.publishAllMessages(List.of(Message.of(new Json("\"packed\"")).withKey("parcel-1"),
        Message.of(new Json("\"packed\"")).withKey("parcel-2"), Message.of(new Json("\"sent\"")).withKey("parcel-1")));
    // endregion
  }

  /** Starts to handle them; the caller closes the worker. */
  public static Worker work(Queue<Json> parcels, Consumer<String> log) {
    // region: consume
    Worker worker = parcels.consume(delivery -> { // never two of one parcel at a time, in no process
      log.accept(delivery.key() + " " + delivery.rawPayload());
      return done();
    });
    // endregion
    return worker;
  }

  /** Decides about what is blocked; how many keys were. */
  public static int decide(Queue<Json> parcels) {
    // region: blocked
    List<BlockedKey> blocked = parcels.blockedKeys().list(100); // the longest blocked first
    for (BlockedKey each : blocked) {
      if (each.attempts() < 5) {
        parcels.blockedKeys().retry(each.key()); // now; or park it until somebody decides
      } else {
        parcels.blockedKeys().reject(each.key(), "wrong address"); // or skip: the key goes on without it
      }
    }
    // endregion
    return blocked.size();
  }
}
