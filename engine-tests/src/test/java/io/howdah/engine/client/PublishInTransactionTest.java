package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class PublishInTransactionTest {

  record Order(int id, String item) {
  }

  private static final Duration LEASE = Duration.ofSeconds(30);

  private final TestDatabase database;
  private final Howdah howdah;

  PublishInTransactionTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  @Test
  void messageIsInvisibleUntilCommit() throws Exception {
    Queue<Order> orders = howdah.queue("visible-at-commit", Order.class).create();
    try (Connection tx = database.connect()) {
      tx.setAutoCommit(false);
      orders.in(tx).publish(new Order(1, "tea"));
      assertThat(orders.claim(10, LEASE).isEmpty()).isTrue();

      tx.commit();
    }
    assertThat(orders.claim(10, LEASE).deliveries()).extracting(Delivery::payload).containsExactly(new Order(1, "tea"));
  }

  @Test
  void rolledBackMessageIsNeverSeen() throws Exception {
    Queue<Json> queue = howdah.queue("rolled-back").create();
    try (Connection tx = database.connect()) {
      tx.setAutoCommit(false);
      queue.in(tx).publishAll(List.of(new Json("1"), new Json("2")));
      tx.rollback();
    }
    queue.publish(new Json("3"));

    assertThat(queue.claim(10, LEASE).deliveries()).extracting(Delivery::rawPayload).containsExactly("3");
  }

  @Test
  void everythingThatWasPublishedIsDelivered() {
    Queue<Json> queue = howdah.queue("complete").create();
    UUID id = queue.publish(Message.of(new Json("{\"a\" : 1.0}")).withTopic("orders.created").withKey("k ä")
        .withHeader("h", "v\"\n\\").withHeader("type", "t"));

    Delivery<Json> delivery = queue.claim(1, LEASE).deliveries().getFirst();

    assertThat(delivery.id()).isEqualTo(id);
    assertThat(delivery.rawPayload()).isEqualTo("{\"a\" : 1.0}");
    assertThat(delivery.topic()).isEqualTo("orders.created");
    assertThat(delivery.key()).isEqualTo("k ä");
    assertThat(delivery.headers()).containsEntry("h", "v\"\n\\").containsEntry("type", "t");
    assertThat(delivery.attempt()).isEqualTo(1);
    assertThat(Duration.between(delivery.publishedAt(), database.clock().now()).abs()).isLessThan(LEASE);
  }

  @Test
  void idsComeBackInTheOrderOfTheMessages() {
    Queue<Json> queue = howdah.queue("ids").create();
    List<UUID> ids = queue.publishAllMessages(List.of(Message.of(new Json("1")),
        Message.of(new Json("2")).withKey("k").withDelay(Duration.ofMillis(1)), Message.of(new Json("3"))));

    assertThat(ids).hasSize(3);
    assertThat(queue.claim(2, LEASE).deliveries()).extracting(Delivery::id).containsExactly(ids.get(0), ids.get(2));
    assertThat(queue.publishAll(List.of())).isEmpty();
  }

  @Test
  void settlingInTheCallersTransactionCountsWhenItCommits() throws Exception {
    Queue<Json> queue = howdah.queue("settle-in-transaction").create();
    queue.publish(new Json("1"));
    Batch<Json> batch = queue.claim(1, LEASE);
    try (Connection tx = database.connect()) {
      tx.setAutoCommit(false);
      batch.settle(tx, Outcomes.done());
      assertThat(queue.stats().inFlight()).isEqualTo(1);
      tx.commit();
    }
    assertThat(queue.stats().inFlight()).isZero();
  }

  @Test
  void whatIsWrongIsSaidAndNothingIsStored() {
    Queue<Json> missing = howdah.queue("no-such-queue");
    assertThatExceptionOfType(HowdahException.class)
        .isThrownBy(() -> howdah.stream("no-such-queue").publish(new Json("1"))).withMessageContaining("no-such-queue")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    assertThatExceptionOfType(HowdahException.class).isThrownBy(missing::stats)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));

    Queue<Json> queue = howdah.queue("bad-input").create();
    assertThatExceptionOfType(HowdahException.class)
        .isThrownBy(() -> queue.publishAll(List.of(new Json("1"), new Json("{secret"))))
        .withMessageNotContaining("secret").satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    assertThat(queue.stats().published()).isZero();
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> queue.publish(new Json("\"\ud83d\"")))
        .withMessageContaining("surrogate");
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> howdah.queue("a b"))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
  }
}
