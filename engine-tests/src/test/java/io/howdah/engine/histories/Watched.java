package io.howdah.engine.histories;

import io.howdah.testkit.History;
import io.howdah.testkit.HistoryChecker.Order;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One subscription under test, what happened to it, and which tokens are good for something. */
record Watched(String subscription, String ordering, History history, Set<String> inFlight) {
  static final String UNORDERED = "none";

  static Watched of(String stream, String ordering) {
    return new Watched(stream + "-" + ordering, ordering, new History(), ConcurrentHashMap.newKeySet());
  }

  Order order() {
    return switch (ordering) {
      case "key", "job", "hasty-job" -> Order.KEY;
      case "strict" -> Order.STRICT;
      default -> Order.ANY;
    };
  }

  /** All leases run out; to be called before they do. */
  void lapse() {
    for (Iterator<String> tokens = inFlight.iterator(); tokens.hasNext();) {
      history.voided(tokens.next());
      tokens.remove();
    }
  }
}
