package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Events;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.Message;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Partition;
import io.howdah.Queue;
import io.howdah.RedriveOptions;
import io.howdah.RetryPolicy;
import io.howdah.StartPosition;
import io.howdah.Stream;
import io.howdah.Subscription;
import io.howdah.SubscriptionOptions;
import io.howdah.Worker;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(120)
class EventsTest {
  private static final Duration MOST = Duration.ofSeconds(30);
  private final TestDatabase database;
  private final Howdah howdah;

  EventsTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private static Json json(int number) {
    return new Json(String.valueOf(number));
  }

  private static List<String> take(Events<Json> events, int count) {
    List<String> payloads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      payloads.add(events.poll(MOST).orElseThrow().rawPayload());
    }
    return payloads;
  }

  @Test
  void twoListenersEachGetEverythingThatWasPublishedAfterTheyStarted() {
    Stream<Json> stream = howdah.stream("two").create();
    stream.publish(json(0));
    try (Events<Json> first = stream.listen()) {
      stream.publish(json(1));
      try (Events<Json> second = stream.listen()) {
        List<String> expected = new ArrayList<>();
        for (int i = 2; i < 300; i++) {
          stream.publish(json(i));
          expected.add(String.valueOf(i));
        }
        assertThat(take(second, 298)).isEqualTo(expected);
        assertThat(take(first, 1)).containsExactly("1");
        assertThat(take(first, 298)).isEqualTo(expected);
        assertThat(first.poll(Duration.ofMillis(50))).isEmpty();
      }
    }
  }

  @Test
  void onlyWhatMatchesComes() {
    Stream<Json> stream = howdah.stream("matching").create();
    try (Events<Json> events = stream.listen("order.*")) {
      stream.publish(Message.of(json(1)).withTopic("user.new"));
      stream.publish(Message.of(json(2)).withTopic("order.new"));
      assertThat(events.next().topic()).isEqualTo("order.new");
    }
  }

  @Test
  void whoWaitsIsWokenByAPublishOfAnotherProcess() throws Exception {
    Stream<Json> stream = howdah.stream("woken").create();
    try (Events<Json> events = stream.listen(); Howdah other = Howdah.open(database.dataSource())) {
      CompletableFuture<Delivery<Json>> next = CompletableFuture.supplyAsync(events::next);
      other.stream("woken").publish(json(1));
      assertThat(next.get(30, TimeUnit.SECONDS).rawPayload()).isEqualTo("1");
    }
  }

  @Test
  void closeRemovesTheSubscriptionAndEndsTheWait() throws Exception {
    Stream<Json> stream = howdah.stream("closed").create();
    Events<Json> events = stream.listen();
    CompletableFuture<Boolean> waits = CompletableFuture.supplyAsync(events::hasNext);
    events.close();
    events.close();
    assertThat(waits.get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(database.number("select count(*) from howdah.subscription where name = ?", events.subscription()))
        .isZero();
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(events::next);
  }

  @Test
  void oneThatWasNeverClosedGoesByItself() {
    Stream<Json> stream = howdah.stream("killed").create();
    Events<Json> events = stream.listen(Duration.ofSeconds(30));
    stream.publish(json(1));
    database.clock().advance(Duration.ofMinutes(1));
    assertThat(database.texts("select detail from howdah.housekeep() where action = 'expired'")).singleElement()
        .asString().contains(events.subscription());
    assertThatExceptionOfType(HowdahException.class).isThrownBy(events::hasNext)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .withMessageContaining(events.subscription()).withMessageContaining("expired");
  }

  @Test
  void aSubscriptionThatIsDroppedEndsItWithAnErrorThatNamesIt() {
    Events<Json> events = howdah.stream("dropped").create().listen();
    assertThat(howdah.subscription(events.subscription()).drop(true)).isTrue();
    assertThatExceptionOfType(HowdahException.class).isThrownBy(events::next)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .withMessageContaining(events.subscription());
  }

  @Test
  void aLostConnectionIsOutlived() {
    howdah.stream("survives").create();
    try (FaultProxy proxy = FaultProxy.to(database);
        Howdah far = Howdah.open(proxy.dataSource());
        Events<Json> events = far.stream("survives").listen()) {
      howdah.stream("survives").publish(json(1));
      assertThat(take(events, 1)).containsExactly("1");
      proxy.cut();
      howdah.stream("survives").publish(json(2));
      assertThat(take(events, 1)).containsExactly("2");
    }
  }

  @Test
  void aQueueIsPoppedAndPeekedAt() {
    Queue<Json> queue = howdah.queue("popped").create();
    for (int i = 1; i <= 4; i++) {
      queue.publish(json(i));
    }
    assertThat(queue.pop(2)).extracting(Delivery::rawPayload).containsExactly("1", "2");
    assertThat(queue.stats().inFlight()).isZero();
    try (Batch<Json> batch = queue.claim(1, Duration.ofMinutes(1))) {
      assertThat(queue.peek(10)).extracting(Delivery::rawPayload).containsExactly("4");
      assertThat(queue.peek(10, true)).extracting(Delivery::rawPayload).containsExactly("3", "4");
      batch.done();
    }
    assertThat(queue.pop(10)).hasSize(1);
    assertThat(queue.pop(10)).isEmpty();
  }

  @Test
  void aClaimWaitsForMessages() throws Exception {
    Queue<Json> queue = howdah.queue("waited").create();
    CompletableFuture<Integer> claimed = CompletableFuture.supplyAsync(() -> {
      try (Batch<Json> batch = queue.claim(10, Duration.ofMinutes(1), MOST)) {
        batch.done();
        return batch.size();
      }
    });
    try (Howdah other = Howdah.open(database.dataSource())) {
      other.queue("waited").publish(json(1));
    }
    assertThat(claimed.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    try (Batch<Json> batch = queue.claim(10, Duration.ofMinutes(1), Duration.ofMillis(30))) {
      assertThat(batch.isEmpty()).isTrue();
    }
  }

  @Test
  void aSubscriptionIsSharedExpiresAndTakesAPart() {
    Stream<Json> stream = howdah.stream("options").create();
    SubscriptionOptions options = SubscriptionOptions.defaults().withExpiresAfter(Duration.ofMinutes(1))
        .withRetries(RetryPolicy.none());
    Subscription<Json> shared = stream.share(options, "a", "b.*");
    assertThat(stream.share(options.withExpiresAfter(null), "b.*", "a").name()).isEqualTo(shared.name());
    assertThat(stream.share(options).name()).isNotEqualTo(shared.name());
    assertThat(shared.retryPolicy()).isEqualTo(RetryPolicy.none());
    assertThat(option(shared.name(), "expires_after")).isEqualTo("never");
    stream.subscribe("part", StartPosition.now(), options.withPartition(Partition.of(2, 8)));
    assertThat(option("part", "partition")).isEqualTo("2 of 8");
    assertThat(option("part", "expires_after")).isEqualTo("PT1M");
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> Partition.of(9, 8));
  }

  private String option(String subscription, String option) {
    return database.text("select options ->> ? from howdah.describe(?)", option, subscription);
  }

  @Test
  void aRedriveWakesTheConsumersAlsoOfABoundQueue() throws Exception {
    Stream<Json> stream = howdah.stream("redriven").create();
    Queue<Json> own = howdah.queue("own").create(stream, "x");
    Queue<Json> other = howdah.queue("bound").create(stream, "y");
    stream.publish(Message.of(json(1)).withTopic("x"));
    try (Batch<Json> batch = own.claim(1, Duration.ofMinutes(1))) {
      batch.settle(Outcomes.all(Outcome.reject("no")));
    }
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Worker worker = other.consume(delivery -> {
      handled.add(delivery.rawPayload());
      return Outcome.done();
    })) {
      Eventually.is("the worker sleeps", () -> database.number("select count(*) from howdah.sleeper") > 0);
      assertThat(howdah.deadLetters("own").redrive(LetterFilter.all(), RedriveOptions.defaults().withTarget("bound")))
          .isEqualTo(1);
      assertThat(handled.poll(30, TimeUnit.SECONDS)).as("%s", worker.state()).isEqualTo("1");
      assertThat(own.stats().dead() + own.stats().ready()).isZero();
    }
  }
}
