package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Batch;
import io.howdah.Bindings;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.MessageSource;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.Route;
import io.howdah.Stream;
import io.howdah.Subscription;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(120)
class BindingsTest {
  private final TestDatabase database;
  private final Howdah howdah;
  private final Stream<Json> events;

  BindingsTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
    this.events = howdah.stream("events");
  }

  @BeforeEach
  void stream() {
    events.drop(true);
    events.create();
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private void publish(String topic) {
    events.publish(Message.of(new Json("\"" + topic + "\"")).withTopic(topic));
  }

  private static List<String> drain(MessageSource<Json> source) {
    List<String> got = new ArrayList<>();
    while (true) {
      try (Batch<Json> batch = source.claim(100, Duration.ofSeconds(30))) {
        if (batch.size() == 0) {
          return got;
        }
        batch.deliveries().stream().map(Delivery::rawPayload).forEach(got::add);
        batch.done();
      }
    }
  }

  @Test
  void aBoundQueueGetsWhatMatchesAndWhatIsSentToIt() {
    Queue<Json> emails = howdah.queue("emails").create(events, "order.*", "user.#");
    publish("order.placed");
    publish("x");
    emails.publish(new Json("\"direct\""));
    assertThat(drain(emails)).containsExactlyInAnyOrder("\"order.placed\"", "\"direct\"");
    assertThat(emails.stats().kind()).isEqualTo("queue");
    assertThat(emails.drop(false)).isTrue();
  }

  @Test
  void bindingsChangeAtRunTimeAndInTheCallersTransaction() throws Exception {
    Subscription<Json> audit = events.subscribe("audit");
    Bindings bindings = audit.bindings();
    assertThat(bindings.list()).isEmpty();
    assertThat(bindings.add("a")).isTrue();
    assertThat(bindings.add("a")).isFalse();
    assertThat(bindings.set(List.of("b", "c.*"))).isTrue();
    assertThat(bindings.remove("a")).isFalse();
    assertThat(bindings.list()).containsExactly("b", "c.*");
    try (Connection tx = database.connect()) {
      tx.setAutoCommit(false);
      bindings.in(tx).remove("b");
      tx.rollback();
      bindings.in(tx).add("d");
      tx.commit();
    }
    assertThat(bindings.list()).containsExactly("b", "c.*", "d");
    publish("a");
    publish("d");
    bindings.takeEverything();
    publish("a");
    assertThat(drain(audit)).containsExactly("\"d\"", "\"a\"");
  }

  @Test
  void routeTellsWhoAndWhy() {
    howdah.queue("emails").create(events, "order.*", "#.placed");
    events.subscribe("audit");
    assertThat(events.route("order.placed")).containsExactly(new Route("audit", List.of(), "it takes everything"),
        new Route("emails", List.of("#.placed", "order.*"), "topic order.placed matches #.placed, order.*"));
    assertThat(events.route(null)).extracting(Route::subscription).containsExactly("audit");
  }

  @Test
  void aWrongCallIsRefused() {
    assertThat(code(() -> howdah.subscription("nobody").bindings().add("a"))).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(code(() -> howdah.subscription("nobody").bindings().add("a*"))).isEqualTo(ErrorCode.INVALID);
    assertThat(code(() -> howdah.queue("x").create(howdah.stream("nowhere"), "a"))).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(code(() -> howdah.stream("nowhere").route("a"))).isEqualTo(ErrorCode.NOT_FOUND);
  }

  private static ErrorCode code(Runnable call) {
    HowdahException[] thrown = new HowdahException[1];
    assertThatThrownBy(call::run).isInstanceOfSatisfying(HowdahException.class, e -> thrown[0] = e);
    return thrown[0].code();
  }

  @Test
  void whatIsAlwaysBoundComesOnceWhileOtherBindingsChangeUnderLoad() throws Exception {
    int count = 3000;
    Queue<Json> queue = howdah.queue("busy").create(events, "always.#");
    Set<String> got = ConcurrentHashMap.newKeySet();
    Set<String> twice = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(count);
    try (Worker worker = queue.consume(delivery -> {
      if (delivery.rawPayload().startsWith("\"always") && got.add(delivery.rawPayload())) {
        all.countDown();
      } else if (delivery.rawPayload().startsWith("\"always")) {
        twice.add(delivery.rawPayload());
      }
      return Outcome.done();
    })) {
      Thread publisher = Thread.startVirtualThread(() -> IntStream.range(0, count / 10)
          .forEach(n -> events.publishAllMessages(IntStream.range(0, 20).mapToObj(i -> {
            String topic = (i % 2 == 0 ? "always." : "sometimes.") + (n * 10 + i / 2);
            return Message.of(new Json("\"" + topic + "\"")).withTopic(topic);
          }).toList())));
      while (publisher.isAlive()) {
        queue.bindings().add("sometimes.#");
        queue.bindings().remove("sometimes.#");
      }
      assertThat(all.await(60, TimeUnit.SECONDS)).as("%s of %s came, %s", got.size(), count, worker.stats()).isTrue();
    }
    assertThat(twice).isEmpty();
  }
}
