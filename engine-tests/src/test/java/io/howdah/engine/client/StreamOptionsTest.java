package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.Publisher;
import io.howdah.PublisherOptions;
import io.howdah.Queue;
import io.howdah.Receipt;
import io.howdah.Stream;
import io.howdah.StreamOptions;
import io.howdah.Unroutable;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@HowdahTest
class StreamOptionsTest {

  private static final Duration LEASE = Duration.ofSeconds(30);

  private final TestDatabase database;

  StreamOptionsTest(TestDatabase database) {
    this.database = database;
  }

  private static Message<Json> message(String payload, String topic) {
    return Message.of(new Json(payload)).withTopic(topic);
  }

  private static void refused(ErrorCode code, Runnable call) {
    assertThatExceptionOfType(HowdahException.class).isThrownBy(call::run)
        .satisfies(e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void optionsComeBackAsTheyWereGiven() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      howdah.queue("lost").create();
      StreamOptions options = new StreamOptions(Duration.ofHours(12), Duration.ofMinutes(1), 4_096,
          Duration.ofMillis(1500), Map.of("source", "a \"b\" \u00e4"), new Unroutable.Park("lost"));
      Stream<Json> stream = howdah.stream("all-options").create(options);
      assertThat(stream.describe().options()).isEqualTo(options);
      for (Unroutable each : List.of(new Unroutable.Keep(), new Unroutable.Drop(), new Unroutable.Refuse())) {
        stream.alter(StreamOptions.defaults().withUnroutable(each));
        assertThat(stream.describe().options()).isEqualTo(StreamOptions.defaults().withRetention(Duration.ofHours(12))
            .withDeduplication(Duration.ofMinutes(1)).withMaxPayloadBytes(4_096).withUnroutable(each));
      }
      assertThat(howdah.streams()).extracting(each -> each.stream() + " " + each.kind()).contains("all-options stream",
          "lost queue");
    }
  }

  @Test
  void whatIsNotSaidFollowsTheSettingsOfTheFleet() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      howdah.configuration().set("stream_retention", "3 days");
      howdah.configuration().set("once_window", "2 min");
      howdah.configuration().set("max_payload", "2 MB");
      StreamOptions made = howdah.stream("configured").create(StreamOptions.defaults()).describe().options();
      StreamOptions own = howdah.stream("own").create(StreamOptions.defaults().withMaxPayloadBytes(100)).describe()
          .options();
      for (String name : List.of("stream_retention", "once_window", "max_payload")) {
        howdah.configuration().reset(name);
      }
      assertThat(made).isEqualTo(StreamOptions.defaults().withRetention(Duration.ofDays(3))
          .withDeduplication(Duration.ofMinutes(2)).withMaxPayloadBytes(2 << 20));
      assertThat(own).isEqualTo(made.withMaxPayloadBytes(100));
    }
  }

  @Test
  void whatNobodyTakesIsRefusedOrCountedOrParkedAndTheReceiptTells() throws Exception {
    try (Howdah howdah = Howdah.open(database.dataSource()); Connection connection = database.connect()) {
      Queue<Json> lost = howdah.queue("not-taken").create();
      Stream<Json> stream = howdah.stream("taken").create(StreamOptions.defaults());
      Queue<Json> orders = howdah.queue("taken-orders").create(stream, "order.*");

      assertThat(stream.publishRouted(message("1", "order.new")).subscriptions()).containsExactly("taken-orders");
      assertThat(stream.publishRouted(message("2", "user.new")).unroutable()).isEqualTo(new Unroutable.Keep());
      stream.alter(StreamOptions.defaults().withUnroutable(new Unroutable.Refuse()));
      refused(ErrorCode.UNROUTABLE, () -> stream.publish(message("3", "user.new")));
      stream.alter(StreamOptions.defaults().withUnroutable(new Unroutable.Drop()));
      stream.publish(message("4", "user.new"));
      Unroutable park = new Unroutable.Park("not-taken");
      stream.alter(StreamOptions.defaults().withUnroutable(park));
      Receipt parked = stream.in(connection).publishRouted(message("5", "user.new"));

      assertThat(parked.subscriptions()).isEmpty();
      assertThat(parked.unroutable()).isEqualTo(park);
      assertThat(lost.claim(10, LEASE).deliveries()).extracting(Delivery::id).containsExactly(parked.id());
      assertThat(stream.describe().unroutable()).isEqualTo(2);
      assertThat(orders.claim(10, LEASE).deliveries()).extracting(Delivery::rawPayload).containsExactly("1");
    }
  }

  @Test
  void inAPublisherOnlyTheMessageThatNobodyTakesFails() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Stream<Json> stream = howdah.stream("fused")
          .create(StreamOptions.defaults().withUnroutable(new Unroutable.Refuse()));
      Queue<Json> orders = howdah.queue("fused-orders").create(stream, "order.*");
      CompletableFuture<UUID> good;
      CompletableFuture<UUID> bad;
      try (Publisher<Json> publisher = stream
          .publisher(PublisherOptions.defaults().withLanes(1).withFlushInterval(Duration.ofMinutes(1)), lost -> {
          })) {
        good = publisher.publish(message("1", "order.new"));
        bad = publisher.publish(message("2", "user.new"));
      }
      assertThat(good).isCompleted();
      assertThat(bad).isCompletedExceptionally();
      assertThat(orders.stats().ready()).isEqualTo(1);
    }
  }

  @Test
  void aMessageThatHasExpiredIsCountedAndNotDelivered() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("expiring").create();
      Message<Json> shortLived = message("1", "a").withTimeToLive(Duration.ofMinutes(1));
      queue.publish(shortLived);
      queue.publishAllMessages(List.of(shortLived, message("2", "a")));
      queue.publishOnce(shortLived, Once.key("k"));
      database.clock().advance(Duration.ofMinutes(2));
      assertThat(queue.claim(10, LEASE).deliveries()).extracting(Delivery::rawPayload).containsExactly("2");
      assertThat(queue.stats().expired()).isEqualTo(3);
      refused(ErrorCode.INVALID, () -> shortLived.withTimeToLive(Duration.ZERO));
    } finally {
      database.clock().reset();
    }
  }

  @Test
  void unknownStreamsAndValuesThatCannotBeAreRefused() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      refused(ErrorCode.NOT_FOUND, () -> howdah.stream("nowhere").alter(StreamOptions.defaults()));
      refused(ErrorCode.NOT_FOUND, () -> howdah.stream("nowhere").describe());
      refused(ErrorCode.NOT_FOUND,
          () -> howdah.stream("parks").create(StreamOptions.defaults().withUnroutable(new Unroutable.Park("nowhere"))));
      refused(ErrorCode.INVALID, () -> StreamOptions.defaults().withTimeToLive(Duration.ZERO));
      refused(ErrorCode.INVALID, () -> StreamOptions.defaults().withDeduplication(Duration.ofDays(31)));
      refused(ErrorCode.INVALID, () -> StreamOptions.defaults().withMaxPayloadBytes(0));
      refused(ErrorCode.INVALID, () -> StreamOptions.defaults().withRetention(Duration.ofSeconds(-1)));
      refused(ErrorCode.INVALID, () -> new Unroutable.Park(""));
    }
  }
}
