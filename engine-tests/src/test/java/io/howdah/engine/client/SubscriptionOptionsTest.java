package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.retryIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.howdah.Bytes;
import io.howdah.ErrorCode;
import io.howdah.Events;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.LimitOptions;
import io.howdah.Message;
import io.howdah.Ordering;
import io.howdah.Partition;
import io.howdah.PeekedMessage;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.StartPosition;
import io.howdah.Stream;
import io.howdah.Subscription;
import io.howdah.SubscriptionOptions;
import io.howdah.SubscriptionOptions.AfterExpiry;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a subscription is like is told, and can be changed while consumers run. */
@HowdahTest
@Timeout(120)
class SubscriptionOptionsTest {

  private final TestDatabase database;
  private final TestClock clock;
  private final Howdah howdah;

  SubscriptionOptionsTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
    clock.reset();
  }

  private static Json json(int number) {
    return new Json(String.valueOf(number));
  }

  @Test
  void theyComeBackAsTheyWereGivenAndAsTheyWereChanged() {
    SubscriptionOptions given = new SubscriptionOptions(RetryPolicy.fixed(Duration.ofMinutes(1)), Ordering.byKey(),
        Duration.ofDays(10), Partition.of(2, 8), LimitOptions.none().withConcurrency(7), AfterExpiry.DEAD_LETTER);
    Subscription<Json> reader = howdah.stream("given").create().subscribe("reader", StartPosition.now(), given);
    assertThat(reader.options()).isEqualTo(given);
    SubscriptionOptions changed = given.withOrdering(Ordering.byKey().withBlocking(false)).withExpiresAfter(null)
        .withPartition(null).withAfterExpiry(AfterExpiry.DISCARD).withRetries(RetryPolicy.none());
    reader.alter(changed);
    assertThat(reader.options()).isEqualTo(changed);
    reader.alter(changed.withOrdering(null));
    assertThat(reader.ordering()).isEqualTo(Ordering.byKey().withBlocking(false));
    assertThatExceptionOfType(HowdahException.class)
        .isThrownBy(() -> reader.alter(changed.withOrdering(Ordering.strict())))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    Queue<Json> queue = howdah.queue("plain").create();
    assertThat(queue.subscription().options()).isEqualTo(SubscriptionOptions.defaults());
  }

  @Test
  void whatExpiresBecomesADeadLetterFromTheChangeOn() {
    Queue<Json> queue = howdah.queue("mortal").create();
    queue.subscription().alter(queue.subscription().options().withAfterExpiry(AfterExpiry.DEAD_LETTER));
    queue.publish(Message.of(json(1)).withTimeToLive(Duration.ofMinutes(1)));
    clock.advance(Duration.ofMinutes(2));
    assertThat(queue.claim(1, Duration.ofSeconds(30)).isEmpty()).isTrue();
    assertThat(queue.deadLetters().list(LetterFilter.all(), 0, 10)).extracting(letter -> letter.failure().reason())
        .containsExactly("expired");
  }

  /** While it believes that they block it hands back what comes behind a failure. */
  @Test
  void aRunningWorkerSeesThatFailuresDoNotBlockAnyMore() {
    Queue<Json> queue = howdah.queue("unblocked").create(Ordering.byKey(), RetryPolicy.fixed(Duration.ofHours(1)));
    Set<String> seen = ConcurrentHashMap.newKeySet();
    try (Worker worker = queue.consume(delivery -> {
      seen.add(delivery.rawPayload());
      return delivery.rawPayload().endsWith("1") ? retryIn(Duration.ofHours(1), "for the test") : done();
    })) {
      queue.publishAllMessages(pair(0));
      Eventually.is("the first has failed, and what comes behind it was given back",
          () -> worker.stats().retried() == 1 && worker.stats().released() == 1);
      assertThat(seen).containsExactly("1");
      queue.alter(Ordering.byKey().withBlocking(false));
      long released;
      int round = 0;
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      do {
        round++;
        assertThat(deadline - System.nanoTime()).as("time left for the worker, which looks every 5 s").isPositive();
        released = worker.stats().released();
        queue.publishAllMessages(pair(round));
        String last = round + "2";
        long all = round;
        Eventually.is("both are handled",
            () -> seen.contains(last) && worker.stats().done() == all && worker.stats().retried() == all + 1);
      } while (worker.stats().released() > released);
    }
  }

  private static List<Message<Json>> pair(int round) {
    return List.of(Message.of(json(round * 10 + 1)).withKey("key-" + round),
        Message.of(json(round * 10 + 2)).withKey("key-" + round));
  }

  @Test
  void allQueuesArePeekedAtInOneCall() {
    howdah.queue("one").create().publishAll(List.of(json(1), json(2)));
    howdah.queue("two", Bytes.class).create().publish(new Bytes(new byte[]{1}, "a/b"));
    howdah.queue("three").create();
    assertThat(howdah.peekAll(1, false)).extracting(PeekedMessage::subscription, each -> each.delivery().payload())
        .contains(tuple("one", json(1)), tuple("two", new Bytes(new byte[]{1}, "a/b")));
    howdah.queue("one").claim(10, Duration.ofMinutes(1));
    assertThat(howdah.peekAll(10, false)).extracting(PeekedMessage::subscription).doesNotContain("one", "three");
    assertThat(howdah.peekAll(10, true)).filteredOn(each -> each.subscription().equals("one")).hasSize(2);
  }

  @Test
  void aListenerBeginsWhereItIsToldAndItsFilterHoldsForThePastToo() {
    Stream<Json> stream = howdah.stream("past").create();
    for (int i = 1; i <= 6; i++) {
      stream.publish(Message.of(json(i)).withTopic(i % 2 == 0 ? "even" : "odd"));
    }
    try (Events<Json> events = stream.listen(StartPosition.at(3), "even")) {
      stream.publish(Message.of(json(7)).withTopic("odd"));
      stream.publish(Message.of(json(8)).withTopic("even"));
      assertThat(List.of(events.next().rawPayload(), events.next().rawPayload(), events.next().rawPayload()))
          .containsExactly("4", "6", "8");
    }
    try (Events<Json> events = stream.listen(StartPosition.beginning(), Duration.ofMinutes(1))) {
      assertThat(events.next().rawPayload()).isEqualTo("1");
    }
    assertThat(database.number("select count(*) from howdah.stats() where stream = 'past'")).isZero();
  }
}
