package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Publisher;
import io.howdah.PublisherOptions;
import io.howdah.Queue;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@HowdahTest
class FusionTest {

  private static final Duration LEASE = Duration.ofSeconds(30);

  private final TestDatabase database;

  FusionTest(TestDatabase database) {
    this.database = database;
  }

  private static <T> T end(CompletableFuture<T> future) throws ExecutionException {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError("the future does not end", e);
    }
  }

  private static HowdahException failure(CompletableFuture<UUID> future) {
    try {
      end(future);
    } catch (ExecutionException e) {
      return (HowdahException) e.getCause();
    }
    throw new AssertionError("the future did not fail");
  }

  @Test
  void concurrentSinglePublishesShareStatementsAndEachGetsItsId() throws Exception {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("fused").create();
      try (Publisher<Json> publisher = queue.publisher()) {
        List<CompletableFuture<UUID>> futures = IntStream.range(0, 5_000)
            .mapToObj(i -> publisher.publish(new Json(Integer.toString(i)))).toList();
        publisher.flush();

        assertThat(futures).allMatch(CompletableFuture::isDone);
        assertThat(publisher.stats().published()).isEqualTo(5_000);
        assertThat(publisher.stats().statements()).isLessThan(1_000);
        Map<UUID, String> payloads = new HashMap<>();
        queue.claim(10_000, LEASE).deliveries().forEach(d -> payloads.put(d.id(), d.rawPayload()));
        while (payloads.size() < 5_000) {
          List<Delivery<Json>> more = queue.claim(10_000, LEASE).deliveries();
          assertThat(more).isNotEmpty();
          more.forEach(d -> payloads.put(d.id(), d.rawPayload()));
        }
        for (int i = 0; i < 5_000; i++) {
          assertThat(payloads.get(end(futures.get(i)))).isEqualTo(Integer.toString(i));
        }
      }
    }
  }

  @Test
  void messagesOfOneKeyKeepTheirOrder() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("fused-keys").create();
      List<CompletableFuture<UUID>> published = new ArrayList<>();
      try (Publisher<Json> publisher = queue.publisher(PublisherOptions.defaults().withLanes(4))) {
        for (int i = 0; i < 4_000; i++) {
          published.add(publisher.publish(Message.of(new Json(Integer.toString(i))).withKey("key" + i % 7)));
        }
      }
      assertThat(published).allSatisfy(future -> assertThat(future).isCompleted());
      Map<String, Integer> last = new HashMap<>();
      int seen = 0;
      for (List<Delivery<Json>> some = next(queue); !some.isEmpty(); some = next(queue)) {
        for (Delivery<Json> delivery : some) {
          int number = Integer.parseInt(delivery.rawPayload());
          assertThat(last.put(String.valueOf(delivery.key()), number)).isIn((Integer) null, number - 7);
          seen++;
        }
      }
      assertThat(seen).isEqualTo(4_000);
    }
  }

  private static List<Delivery<Json>> next(Queue<Json> queue) {
    return queue.claim(10_000, LEASE).deliveries();
  }

  @Test
  void oneBadMessageDoesNotFailTheOthers() throws Exception {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("one-bad").create();
      List<CompletableFuture<UUID>> futures = new ArrayList<>();
      try (Publisher<Json> publisher = queue.publisher(PublisherOptions.defaults().withLanes(1), lost -> {
      })) {
        for (int i = 0; i < 300; i++) {
          futures.add(publisher.publish(new Json(i == 137 ? "{not json" : "{\"i\": " + i + "}")));
        }
      }
      assertThat(failure(futures.get(137)).code()).isEqualTo(ErrorCode.INVALID);
      Set<UUID> ids = new HashSet<>();
      for (int i = 0; i < 300; i++) {
        if (i != 137) {
          ids.add(end(futures.get(i)));
        }
      }
      assertThat(ids).hasSize(299);
      assertThat(queue.claim(1_000, LEASE).deliveries()).extracting(Delivery::id)
          .containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  @Test
  void lostConnectionMeansThatTheOutcomeIsUnknownAndNothingIsSentAgain() {
    try (FaultProxy proxy = FaultProxy.to(database); Howdah howdah = Howdah.open(proxy.dataSource())) {
      Queue<Json> queue = howdah.queue("unknown-outcome").create();
      try (
          Publisher<Json> publisher = queue.publisher(PublisherOptions.defaults().withRetryFor(Duration.ZERO), lost -> {
          })) {
        proxy.stall(FaultProxy.Direction.TO_CLIENT);
        CompletableFuture<UUID> future = publisher.publish(new Json("1"));
        Eventually.is("the message is stored", () -> stored("unknown-outcome") == 1);
        proxy.cut();
        proxy.resume();

        assertThat(failure(future).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure(future)).hasMessageContaining("outcome unknown");
        assertThat(publisher.stats().statements()).isEqualTo(1);
        assertThat(publisher.stats().failed()).isEqualTo(1);
      }
      assertThat(stored("unknown-outcome")).isEqualTo(1);
    }
  }

  private long stored(String queue) {
    return database.number("select count(*) from howdah.peek(?)", queue);
  }

  @Test
  void publishBlocksWhenTheRoomIsUsedUpAndSaysSoAfterItsTimeout() {
    try (FaultProxy proxy = FaultProxy.to(database); Howdah howdah = Howdah.open(proxy.dataSource())) {
      Queue<Json> queue = howdah.queue("no-room").create();
      PublisherOptions options = PublisherOptions.defaults().withLanes(1).withMaxPending(10)
          .withMaxPendingBytes(1 << 20).withTimeout(Duration.ofMillis(300));
      Publisher<Json> publisher = queue.publisher(options);
      proxy.stall();
      List<CompletableFuture<UUID>> futures = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        futures.add(publisher.publish(new Json("1")));
      }
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> publisher.publish(new Json("1")))
          .withMessageContaining("nothing was published")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));
      assertThatExceptionOfType(HowdahException.class).isThrownBy(publisher::flush)
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));

      proxy.resume();
      publisher.close();
      assertThat(futures).allMatch(CompletableFuture::isDone);
      assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> publisher.publish(new Json("1")))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    }
  }
}
