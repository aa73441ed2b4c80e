package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Batch;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Publisher;
import io.howdah.PublisherOptions;
import io.howdah.Queue;
import io.howdah.embedded.EmbeddedOptions;
import io.howdah.embedded.EmbeddedPostgres;
import io.howdah.schema.Schema;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A publisher that retries goes on while the database is away, and what it confirms is there exactly once. */
@HowdahTest
class PublisherOutageTest {

  private static final PublisherOptions RETRYING = PublisherOptions.defaults().withRetryFor(Duration.ofMinutes(5))
      .withTimeout(Duration.ofMinutes(1)).withMaxBatchSize(100);

  private final TestDatabase database;

  PublisherOutageTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void whileTheServerIsKilledItGoesOnAndEachMessageIsStoredOnceInItsOrder(@TempDir Path directory) {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedOptions.durable(directory.resolve("data")))) {
      DataSource dataSource = postgres.dataSource("postgres");
      Schema.of(dataSource).install();
      try (Howdah howdah = Howdah.open(dataSource)) {
        Queue<Json> queue = howdah.queue("outage").create();
        List<CompletableFuture<UUID>> futures = new ArrayList<>();
        try (Publisher<Json> publisher = queue.publisher(RETRYING)) {
          publish(publisher, futures, 2_000);
          postgres.kill();
          publish(publisher, futures, 2_000);
          assertThat(publisher.stats().pending()).as("nobody can have stored these").isPositive();
          postgres.restart();
          publish(publisher, futures, 1_000);
          publisher.flush();
          assertThat(publisher.stats().failed()).isZero();
        }
        assertStoredOnceAndInOrder(queue, futures);
      }
    }
  }

  private static void publish(Publisher<Json> publisher, List<CompletableFuture<UUID>> futures, int count) {
    for (int i = 0; i < count; i++) {
      int number = futures.size();
      futures.add(publisher.publish(Message.of(new Json(Integer.toString(number))).withKey("key" + number % 5)));
    }
  }

  private static void assertStoredOnceAndInOrder(Queue<Json> queue, List<CompletableFuture<UUID>> futures) {
    Map<String, Integer> last = new HashMap<>();
    int stored = 0;
    for (Batch<Json> batch = queue.claim(10_000, Duration.ofMinutes(5)); batch.size() > 0; batch = queue.claim(10_000,
        Duration.ofMinutes(5))) {
      for (var delivery : batch.deliveries()) {
        int number = Integer.parseInt(delivery.rawPayload());
        assertThat(futures.get(number)).isCompletedWithValue(delivery.id());
        assertThat(last.put(String.valueOf(delivery.key()), number)).isIn((Integer) null, number - 5);
        stored++;
      }
      batch.done();
    }
    assertThat(stored).isEqualTo(futures.size());
  }

  @Test
  void aStatementWhoseAnswerWasLostIsNotStoredTwice() throws Exception {
    try (FaultProxy proxy = FaultProxy.to(database); Howdah howdah = Howdah.open(proxy.dataSource())) {
      Queue<Json> queue = howdah.queue("answer-lost").create();
      try (Publisher<Json> publisher = queue.publisher(RETRYING)) {
        proxy.stall(FaultProxy.Direction.TO_CLIENT);
        CompletableFuture<UUID> future = publisher.publish(new Json("1"));
        Patience.until("the message is stored",
            () -> database.number("select count(*) from howdah.peek('answer-lost')") == 1);
        proxy.cut();
        proxy.resume();
        UUID id = future.get(20, TimeUnit.SECONDS);
        assertThat(database.texts("select id from howdah.peek('answer-lost')")).containsExactly(id.toString());
        assertThat(publisher.stats().statements()).isGreaterThan(1);
      }
    }
  }

  @Test
  void whatIsRefusedIsNotTriedAgainAndHoldsUpNobody() throws Exception {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("refused").create();
      try (Publisher<Json> publisher = queue.publisher(RETRYING.withLanes(1).withFlushInterval(Duration.ofMinutes(1)),
          lost -> {
          })) {
        CompletableFuture<UUID> good = publisher.publish(new Json("1"));
        CompletableFuture<UUID> bad = publisher.publish(new Json("{no"));
        publisher.flush();
        assertThat(good.get(20, TimeUnit.SECONDS)).isNotNull();
        assertThatThrownBy(bad::join).isInstanceOf(CompletionException.class).hasCauseInstanceOf(HowdahException.class);
      }
      assertThat(queue.stats().ready()).isEqualTo(1);
    }
  }

  @Test
  void aFlushIntervalGathersAndASizeOrAFlushOrACloseEndsTheWait() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("gathered").create();
      PublisherOptions gathering = PublisherOptions.defaults().withFlushInterval(Duration.ofMinutes(1))
          .withMaxBatchSize(10);
      List<CompletableFuture<UUID>> futures = new ArrayList<>();
      try (Publisher<Json> publisher = queue.publisher(gathering)) {
        for (int i = 0; i < 10; i++) {
          assertThat(publisher.stats().statements()).isZero();
          futures.add(publisher.publish(new Json("1")));
        }
        Patience.until("ten are a batch", () -> publisher.stats().published() == 10);
        futures.add(publisher.publish(new Json("2")));
        publisher.flush();
        assertThat(publisher.stats().published()).isEqualTo(11);
        futures.add(publisher.publish(new Json("3")));
      }
      assertThat(futures).allMatch(future -> future.isDone() && !future.isCompletedExceptionally());
    }
  }

  @Test
  void closeDoesNotWaitForADatabaseThatStaysAway() {
    try (FaultProxy proxy = FaultProxy.to(database); Howdah howdah = Howdah.open(proxy.dataSource())) {
      Queue<Json> queue = howdah.queue("closed").create();
      Publisher<Json> publisher = queue.publisher(RETRYING.withTimeout(Duration.ofMillis(300)), lost -> {
      });
      proxy.refuse();
      proxy.cut();
      CompletableFuture<UUID> future = publisher.publish(new Json("1"));
      publisher.close();
      Patience.until("the future has ended", future::isDone);
      assertThatThrownBy(future::join).cause().isInstanceOfSatisfying(HowdahException.class,
          e -> assertThat(e.code()).isIn(ErrorCode.UNAVAILABLE, ErrorCode.CLOSED));
    }
  }
}
