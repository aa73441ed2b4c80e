package io.howdah.examples;

import io.howdah.Events;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.SeekResult;
import io.howdah.StartPosition;
import io.howdah.Stream;
import io.howdah.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** A stream is read once more. */
public final class Replay {

  private Replay() {
  }

  public static void main(String[] args) {
    try (Howdah howdah = Howdah.open(Database.fromEnvironment())) {
      howdah.stream("events").create().subscribe("billing", StartPosition.beginning());
      System.out.println(again(howdah, Instant.now().minus(Duration.ofHours(1))));
      System.out.println(beside(howdah).name());
    }
  }

  /** Has everything since then billed once more. */
  public static SeekResult again(Howdah howdah, Instant since) {
    // region: seek
    Subscription<Json> billing = howdah.subscription("billing");
    billing.operations().pause();
    SeekResult result = billing.operations().seek(StartPosition.at(since));
    billing.operations().resume();
    // endregion
    return result;
  }

  /** Follows what happens now, and keeps nothing. */
  public static void follow(Howdah howdah, Consumer<String> screen) {
    // region: listen
    try (Events<Json> events = howdah.stream("events").listen("order.#")) {
      while (events.hasNext()) { // waits; false once it is closed
        screen.accept(events.next().rawPayload());
      }
    }
    // endregion
  }

  /** Tries a new version of a consumer on old messages. */
  public static Subscription<Json> beside(Howdah howdah) {
    // region: shadow
    Stream<Json> events = howdah.stream("events");
    events.subscribe("reports", StartPosition.at(1)); // a new reader, from a position on
    return howdah.subscription("billing").shadow("billing-next", StartPosition.beginning());
    // endregion
  }
}
