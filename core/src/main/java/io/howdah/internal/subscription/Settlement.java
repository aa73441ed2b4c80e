package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.Outcome;
import io.howdah.Outcome.Archived;
import io.howdah.Outcome.Done;
import io.howdah.Outcome.Reject;
import io.howdah.Outcome.Release;
import io.howdah.Outcome.Retry;
import io.howdah.Outcomes;
import io.howdah.internal.jdbc.Statements;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is told to {@code settle} about one slice: some positions by name, and
 * what becomes of the rest.
 *
 * @param rest
 *          {@code done}, {@code release} or {@code open}
 */
record Settlement(String token, List<Item> items, String rest) {

  /** One position with its outcome. */
  record Item(long position, Outcome outcome) {

    String word() {
      return switch (outcome) {
        case Done done -> "done";
        case Retry retry -> "retry";
        case Release release -> "release";
        case Reject reject -> "reject";
        case Archived archived -> "archive";
      };
    }

    @Nullable
    String delay() {
      return outcome instanceof Retry retry ? Statements.interval(retry.delay()) : null;
    }

    @Nullable
    String reason() {
      return switch (outcome) {
        case Retry retry -> retry.reason();
        case Reject reject -> reject.reason();
        case Done done -> null;
        case Archived archived -> null;
        case Release release -> null;
      };
    }

    @Nullable
    String error() {
      return switch (outcome) {
        case Retry retry -> retry.error();
        case Reject reject -> reject.error();
        case Done done -> null;
        case Archived archived -> null;
        case Release release -> null;
      };
    }
  }

  static Settlement done(String token) {
    return new Settlement(token, List.of(), "done");
  }

  /**
   * Names only what differs from the rest; a rest that has no word for itself is
   * named one by one.
   */
  static <T> Settlement of(String token, List<Delivery<T>> deliveries, Outcomes outcomes) {
    Answers.fitting(deliveries, outcomes);
    Outcome rest = outcomes.rest();
    String restWord = rest instanceof Done ? "done" : rest instanceof Release ? "release" : "open";
    List<Item> items = new ArrayList<>();
    for (Delivery<T> delivery : deliveries) {
      Outcome outcome = outcomes.of(delivery.position());
      if (outcome != null && (restWord.equals("open") || !outcome.equals(rest))) {
        items.add(new Item(delivery.position(), outcome));
      }
    }
    return new Settlement(token, items, restWord);
  }

  boolean allDone() {
    return items.isEmpty() && rest.equals("done");
  }
}
