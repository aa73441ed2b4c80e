package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.SubscriptionStats;
import io.howdah.testkit.HistoryChecker;
import java.time.Duration;

/** What is left in a queue when its publishers and workers have ended, and the verdict. */
final class Remainder {
  /** More than any lease of these tests. */
  static final Duration ALL_LEASES = Duration.ofMinutes(2);

  private Remainder() {
  }

  /**
   * Consumes all that is left, then holds everything that was recorded against the promises. The caller has let all leases run out
   * before: only those are still open whose worker is dead, or never learned what it had claimed.
   */
  static void consumeAndJudge(Howdah howdah, Evidence evidence) {
    Queue<Json> queue = howdah.queue(evidence.queue());
    int claims = 0;
    for (Batch<Json> batch = claim(queue); !batch.isEmpty(); batch = claim(queue)) {
      String token = "remainder/" + ++claims;
      for (Delivery<Json> delivery : batch.deliveries()) {
        evidence.delivered(Consuming.messageOf(delivery), delivery.position(), token);
      }
      batch.done();
      for (Delivery<Json> delivery : batch.deliveries()) {
        evidence.done(Consuming.messageOf(delivery), token);
      }
    }
    SubscriptionStats left = queue.stats();
    assertThat(left).extracting(SubscriptionStats::ready, SubscriptionStats::inFlight, SubscriptionStats::scheduled,
        SubscriptionStats::dead).containsExactly(0L, 0L, 0L, 0L);
    HistoryChecker.of(evidence.queue()).assertKept(evidence.history());
    assertThat(evidence.ended()).as("messages stored, by consumers and by the broker")
        .isEqualTo((int) left.published());
  }

  private static Batch<Json> claim(Queue<Json> queue) {
    return queue.claim(1_000, Duration.ofSeconds(30));
  }
}
