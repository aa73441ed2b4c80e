package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.LimitOptions;
import io.howdah.Ordering;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.SubscriptionOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** To create again what exists says so where it is not what is asked for. */
@HowdahTest
class CreateAgainTest {

  private final TestDatabase database;

  CreateAgainTest(TestDatabase database) {
    this.database = database;
  }

  private static void conflicts(String because, Runnable call) {
    assertThatExceptionOfType(HowdahException.class).isThrownBy(call::run).withMessageContaining(because)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }

  @Test
  void aQueueThatAPublisherHasMadeHasNoOrderAndSaysSo() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      howdah.queue("by-use").publish(new Json("1"));
      conflicts("ordering none and not key", () -> howdah.queue("by-use").create(Ordering.byKey()));
      howdah.queue("by-use").create();
    }
  }

  @Test
  void onlyWhatIsAskedForHasToBeSo() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("changed").create(Ordering.byKey());
      queue.alter(RetryPolicy.fixed(Duration.ofSeconds(7)).withMaxAttempts(3));
      queue.alter(LimitOptions.none().withConcurrency(5));
      queue.create();
      queue.create(Ordering.byKey());
      queue.create(SubscriptionOptions.defaults());
      queue.create(LimitOptions.none().withConcurrency(5));
      queue.create(RetryPolicy.fixed(Duration.ofSeconds(7)).withMaxAttempts(3));
      conflicts("max_attempts 3 and not 4", () -> queue.create(RetryPolicy.defaults().withMaxAttempts(4)));
      conflicts("concurrency 5 and not 6", () -> queue.create(LimitOptions.none().withConcurrency(6)));
      conflicts("ordering key and not strict", () -> queue.create(Ordering.strict()));
    }
  }
}
