package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.ErrorCode;
import io.howdah.FailureOptions;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.RetryPolicy.AfterLast;
import io.howdah.StartPosition;
import io.howdah.Subscription;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies of queues, and back-off functions of workers. */
@HowdahTest
class RetryPolicyTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestDatabase database;
  private final Howdah howdah;

  RetryPolicyTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  static List<RetryPolicy> policies() {
    return List.of(RetryPolicy.defaults(), RetryPolicy.none().withAfterLast(AfterLast.DISCARD),
        RetryPolicy.fixed(Duration.ofMillis(1_500)).withJitter(0.25).withoutLimit(), RetryPolicy.fixed(Duration.ZERO),
        RetryPolicy.delays(MINUTE, Duration.ofDays(40), Duration.ofDays(3650)),
        RetryPolicy.exponential(Duration.ofMillis(1), Duration.ofDays(2)).withMaxAttempts(1));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void theDatabaseKeepsItAsItIs(RetryPolicy policy) {
    Queue<Json> queue = howdah.queue("kept").create();
    queue.alter(policy);
    assertThat(queue.retryPolicy()).isEqualTo(policy);
    queue.drop(true);
    assertThat(queue.create(policy).retryPolicy()).isEqualTo(policy);
    assertThat(queue.create().retryPolicy()).as("it is there already").isEqualTo(policy);
    queue.drop(true);
  }

  @Test
  void theLastOfSeveralDelaysCountsForAllThatFollowUpToTwentyAttempts() {
    RetryPolicy delays = RetryPolicy.delays(Duration.ofMillis(1), Duration.ofMillis(2), MINUTE);
    assertThat(delays.maxAttempts()).isEqualTo(20);
    database.query("select howdah.create_queue('by-sql', '{\"backoff\": \"list\", "
        + "\"delays\": [\"1 ms\", \"2 ms\", \"1 min\"]}')");
    assertThat(howdah.queue("by-sql").retryPolicy()).isEqualTo(delays);
  }

  @Test
  void aSubscriptionHasItsOwn() {
    Subscription<Json> own = howdah.stream("events").create(Duration.ofHours(1)).subscribe("own", StartPosition.now(),
        RetryPolicy.fixed(MINUTE));
    assertThat(own.retryPolicy()).isEqualTo(RetryPolicy.fixed(MINUTE));
    own.alter(RetryPolicy.defaults());
    assertThat(own.retryPolicy()).isEqualTo(RetryPolicy.defaults());
    assertThatExceptionOfType(HowdahException.class)
        .isThrownBy(() -> howdah.subscription("nobody").alter(RetryPolicy.none()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void aMessageThatFailsForTheLastTimeIsDiscardedAndCounted() {
    Queue<Json> queue = howdah.queue("discarded")
        .create(RetryPolicy.none().withMaxAttempts(3).withAfterLast(AfterLast.DISCARD));
    queue.publish(new Json("1"));
    try (Worker worker = queue.consume(delivery -> {
      throw new IllegalStateException("never");
    })) {
      Eventually.is("it is discarded", () -> queue.stats().discarded() == 1);
      assertThat(worker.stats().failures()).isEqualTo(3);
    }
    assertThat(queue.stats().dead()).isZero();
  }

  @Test
  void theFunctionOfTheNearestClassSaysHowLongAndTheOthersArePolicy() {
    FailureOptions failures = FailureOptions.defaults().withBackoff(IOException.class, (attempt, e) -> MINUTE)
        .withBackoff(FileNotFoundException.class, (attempt, e) -> MINUTE.multipliedBy(attempt + 1));
    assertThat(waitAfter(new IOException("on purpose"), failures, 0)).isEqualTo(60);
    assertThat(waitAfter(new FileNotFoundException("on purpose"), failures, 0)).isEqualTo(120);
    assertThat(waitAfter(new IllegalStateException("on purpose"), failures, 0)).isEqualTo(600);
    assertThat(waitAfter(new AssertionError("on purpose"), failures.withBackoff((attempt, e) -> MINUTE), 0))
        .isEqualTo(60);
  }

  @Test
  void aFunctionThatThrowsOrAnswersNonsenseLeavesItToThePolicyAndIsCounted() {
    IllegalStateException failure = new IllegalStateException("on purpose");
    assertThat(waitAfter(failure, FailureOptions.defaults().withBackoff((attempt, e) -> {
      throw new IllegalArgumentException("on purpose: the back-off function fails");
    }), 1)).isEqualTo(600);
    assertThat(waitAfter(failure, FailureOptions.defaults().withBackoff((attempt, e) -> null), 1)).isEqualTo(600);
    assertThat(waitAfter(failure, FailureOptions.defaults().withBackoff((attempt, e) -> MINUTE.negated()), 1))
        .isEqualTo(600);
    assertThat(waitAfter(failure, FailureOptions.defaults().withBackoff((attempt, e) -> Duration.ofDays(36_500)), 1))
        .isEqualTo(600);
  }

  /** The seconds, by the minute, that a message waits whose handler has thrown this. */
  private long waitAfter(Throwable failure, FailureOptions failures, long badBackoffs) {
    Queue<Json> queue = howdah.queue("waiting").create(RetryPolicy.fixed(Duration.ofMinutes(10)));
    queue.publish(new Json("1"));
    try (Worker worker = queue.consume(delivery -> {
      if (failure instanceof Exception e) {
        throw e;
      }
      throw (Error) failure;
    }, WorkerOptions.defaults().withFailures(failures))) {
      Eventually.is("it is scheduled", () -> queue.stats().scheduled() == 1);
      Eventually.is("it is counted", () -> worker.stats().retried() == 1);
      assertThat(worker.stats().badBackoffs()).isEqualTo(badBackoffs);
    }
    long seconds = database
        .number("select (extract(epoch from howdah.next_due('waiting') - howdah.now()) + 20)::bigint / 60 * 60");
    queue.drop(true);
    return seconds;
  }
}
