package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.groups.Tuple.tuple;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.SubscriptionStats;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class BatchTest {

  private static final Duration LEASE = Duration.ofSeconds(30);

  private final TestDatabase database;
  private final TestClock clock;
  private final Howdah howdah;

  BatchTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    clock.reset();
    howdah.close();
  }

  private Queue<Json> queueOf(String name, int messages) {
    Queue<Json> queue = howdah.queue(name).create();
    for (int i = 1; i <= messages; i++) {
      queue.publish(new Json(Integer.toString(i)));
    }
    return queue;
  }

  /** What falls due or lapses may need one look to be noticed and another to be handed out. */
  private static Batch<Json> next(Queue<Json> queue) {
    AtomicReference<Batch<Json>> found = new AtomicReference<>();
    Eventually.is("something is delivered", () -> {
      found.set(queue.claim(10, LEASE));
      return !found.get().isEmpty();
    });
    return found.get();
  }

  @Test
  void theNextLapseIsThatOfTheOldestLeaseAndThereIsNoneWithoutOne() {
    Queue<Json> queue = queueOf("lapses", 2);
    assertThat(queue.nextLapse()).isEmpty();

    try (Batch<Json> longer = queue.claim(1, LEASE.multipliedBy(2)); Batch<Json> shorter = queue.claim(1, LEASE)) {
      Instant now = Instant.now();
      assertThat(queue.nextLapse()).get(InstanceOfAssertFactories.INSTANT).isBetween(now, now.plus(LEASE));
      longer.done();
      shorter.done();
    }
    assertThat(howdah.subscription("lapses").nextLapse()).isEmpty();
  }

  @Test
  void eachMessageGetsItsOwnOutcome() {
    Queue<Json> queue = queueOf("own-outcome", 4);
    Batch<Json> batch = queue.claim(10, LEASE);
    List<Delivery<Json>> deliveries = batch.deliveries();

    batch.settle(Outcomes.done().except(deliveries.get(1), Outcome.retryIn(Duration.ofHours(1), "later"))
        .except(deliveries.get(2), Outcome.reject("never")).except(deliveries.get(3), Outcome.release()));

    SubscriptionStats stats = queue.stats();
    assertThat(stats.scheduled()).isEqualTo(1);
    assertThat(stats.dead()).isEqualTo(1);
    assertThat(stats.inFlight()).isZero();
    Batch<Json> again = queue.claim(10, LEASE);
    assertThat(again.deliveries()).extracting(Delivery::rawPayload).containsExactly("4");
    assertThat(again.deliveries().getFirst().attempt()).isEqualTo(1);
    again.done();
    clock.advance(Duration.ofHours(2));
    assertThat(next(queue).deliveries()).extracting(Delivery::rawPayload, Delivery::attempt)
        .containsExactly(tuple("2", 2));
  }

  @Test
  void whatIsLeftOpenCanBeSettledLater() {
    Queue<Json> queue = queueOf("open", 3);
    Batch<Json> batch = queue.claim(10, LEASE);

    batch.settle(Outcomes.open().except(batch.deliveries().get(0), Outcome.done()));
    batch.settle(Outcomes.each(batch.deliveries().subList(1, 2), List.of(Outcome.done())));
    assertThat(queue.stats().inFlight()).isEqualTo(1);
    batch.done();

    assertThat(queue.stats().inFlight()).isZero();
    assertThat(batch.release()).isFalse();
  }

  @Test
  void closeHandsBackWhatIsNotSettled() {
    Queue<Json> queue = queueOf("closed", 2);
    try (Batch<Json> batch = queue.claim(10, LEASE)) {
      assertThat(batch.size()).isEqualTo(2);
      assertThat(queue.claim(10, LEASE).isEmpty()).isTrue();
    }
    assertThat(queue.claim(10, LEASE).deliveries()).extracting(Delivery::attempt).containsExactly(1, 1);
  }

  @Test
  void renewedLeaseHoldsAndALapsedOneSettlesNothing() {
    Queue<Json> queue = queueOf("lapsed", 1);
    Batch<Json> batch = queue.claim(1, LEASE);
    clock.advance(Duration.ofSeconds(20));
    batch.renew();
    clock.advance(Duration.ofSeconds(20));
    assertThat(queue.claim(1, LEASE).isEmpty()).isTrue();
    clock.advance(Duration.ofSeconds(20));
    assertThat(next(queue).size()).isEqualTo(1);

    assertThatExceptionOfType(HowdahException.class).isThrownBy(batch::done)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.LAPSED));
    assertThatExceptionOfType(HowdahException.class).isThrownBy(batch::renew)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.LAPSED));
    assertThat(batch.release()).isFalse();
    assertThat(queue.stats().inFlight()).isEqualTo(1);
  }

  @Test
  void aBatchWhoseTransactionWasRolledBackIsSettledAgain() throws SQLException {
    Queue<Json> queue = queueOf("rolled-back", 1);
    try (Connection transaction = database.connect(); Batch<Json> batch = queue.claim(1, LEASE)) {
      transaction.setAutoCommit(false);
      batch.settle(transaction, Outcomes.done());
      transaction.rollback();
      batch.settle(transaction, Outcomes.done());
      transaction.commit();

      assertThat(queue.stats().inFlight()).isZero();
      assertThatExceptionOfType(HowdahException.class).isThrownBy(batch::done)
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.LAPSED))
          .withMessageContaining("a transaction has settled them already");
    }
    assertThat(queue.claim(1, LEASE).isEmpty()).isTrue();
  }

  @Test
  void afterARollbackABatchCanBeHandedBack() throws SQLException {
    Queue<Json> queue = queueOf("given-up", 1);
    try (Connection transaction = database.connect()) {
      Batch<Json> batch = queue.claim(1, LEASE);
      transaction.setAutoCommit(false);
      batch.settle(transaction, Outcomes.done());
      transaction.rollback();
      assertThat(batch.release()).isTrue();
    }
    assertThat(next(queue).deliveries()).extracting(Delivery::attempt).containsExactly(1);
  }

  @Test
  void aSecondSettleIsRefusedAndChangesNothing() {
    Queue<Json> queue = queueOf("twice", 2);
    Batch<Json> done = queue.claim(1, LEASE);
    done.done();
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> done.settle(Outcomes.all(Outcome.reject("no"))))
        .withMessageContaining("already settled").satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    assertThat(queue.stats().dead()).isZero();

    Batch<Json> released = queue.claim(1, LEASE);
    assertThat(released.release()).isTrue();
    assertThatExceptionOfType(HowdahException.class).isThrownBy(released::done)
        .withMessageContaining("handed back already");
    assertThat(next(queue).size()).isEqualTo(1);
  }

  @Test
  void outcomesThatNameADeliveryOfAnotherBatchAreRefusedAndNothingIsSettled() {
    Queue<Json> queue = queueOf("foreign", 2);
    try (Batch<Json> one = queue.claim(1, LEASE); Batch<Json> other = queue.claim(1, LEASE)) {
      Delivery<Json> foreign = other.deliveries().getFirst();
      assertThatExceptionOfType(HowdahException.class)
          .isThrownBy(() -> one.settle(Outcomes.done().except(foreign, Outcome.reject("no"))))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID))
          .withMessageContaining("position " + foreign.position());
      assertThat(queue.stats().inFlight()).isEqualTo(2);
    }
  }

  @Test
  void peekTakesNothing() {
    Queue<Json> queue = queueOf("peeked", 3);

    assertThat(queue.peek(2)).extracting(Delivery::rawPayload).containsExactly("1", "2");
    assertThat(queue.stats().ready()).isEqualTo(3);
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> queue.claim(0, LEASE))
        .withMessageContaining("between 1 and 10000 but was 0");
  }
}
