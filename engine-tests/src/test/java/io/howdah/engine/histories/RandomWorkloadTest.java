package io.howdah.engine.histories;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * Nothing is lost, nothing comes twice without a reason, nothing is settled twice, comes early or late, and what is ordered
 * stays in order and in one hand, whatever publishers and consumers do. 20,000 messages together;
 * {@code -Dhowdah.long=true}: a million, which takes an hour or more; {@code -Dhowdah.messages=N}: as many;
 * {@code -Dhowdah.seed=N}: what was random, again (the threads still meet as they like).
 */
class RandomWorkloadTest {
  private static final int MESSAGES = Integer.getInteger("howdah.messages",
      Boolean.getBoolean("howdah.long") ? 1_000_000 : 20_000);
  private static final int THROUGH_FLEET = MESSAGES / 10;

  private final long seed = Long.getLong("howdah.seed", ThreadLocalRandom.current().nextLong(1, 1_000_000));

  private void tell(String what) {
    System.out.println("random " + what + " with -Dhowdah.seed=" + seed);
  }

  @Test
  void everyPromiseIsKeptInSql() throws Exception {
    tell("workload");
    try (TestDatabase database = TestServer.shared().createDatabase()) {
      assertThat(new RandomWorkload(database, seed, MESSAGES - THROUGH_FLEET).run()).as("seed %d", seed)
          .isEqualTo(List.of());
    }
  }

  @Test
  void everyPromiseIsKeptByWorkersThatComeAndGoAndDie() throws Exception {
    tell("fleet");
    try (TestDatabase database = TestServer.shared().createDatabase()) {
      assertThat(new RandomFleet(database, seed, THROUGH_FLEET).run()).as("seed %d", seed).isEqualTo(List.of());
    }
  }
}
