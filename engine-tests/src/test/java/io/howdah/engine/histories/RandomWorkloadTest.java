package io.howdah.engine.histories;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * Nothing is lost, nothing comes twice without a reason, nothing is settled twice, and what is ordered stays in order,
 * whatever publishers and consumers do. {@code -Dhowdah.long=true}: a million messages instead of 20,000 (give it
 * {@code -Dtest.timeout=7200}, too);
 * {@code -Dhowdah.seed=N}: what was random, again (the threads still meet as they like).
 */
class RandomWorkloadTest {
  private static final int MESSAGES = 20_000;
  private static final int ROUNDS = Boolean.getBoolean("howdah.long") ? 50 : 1;

  @Test
  void everyPromiseIsKept() throws Exception {
    long seed = Long.getLong("howdah.seed", ThreadLocalRandom.current().nextLong(1, 1_000_000));
    try (TestDatabase database = TestServer.shared().createDatabase()) {
      for (int round = 0; round < ROUNDS; round++) {
        System.out
            .println("random workload " + (round + 1) + " of " + ROUNDS + " with -Dhowdah.seed=" + (seed + round));
        assertThat(new RandomWorkload(database, seed + round, MESSAGES).run()).as("seed %d", seed + round)
            .isEqualTo(List.of());
      }
    }
  }
}
