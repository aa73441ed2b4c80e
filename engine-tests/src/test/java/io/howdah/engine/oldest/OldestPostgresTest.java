package io.howdah.engine.oldest;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.schema.Schema;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import io.howdah.testkit.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The reduced pass on PostgreSQL 15: each thing that the engine does, once. All other tests run on the newest. */
class OldestPostgresTest {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static TestDatabase database;

  @BeforeAll
  static void startOldest() {
    database = TestServer.withBinaries(Path.of(System.getProperty("howdah.postgresql15"))).createDatabase();
  }

  @AfterAll
  static void dropDatabase() {
    database.close();
  }

  private static List<String> payloads(Batch<Json> batch) {
    return batch.deliveries().stream().map(Delivery::rawPayload).toList();
  }

  private static List<Json> numbers(int count) {
    return IntStream.range(0, count).mapToObj(n -> new Json(Integer.toString(n))).toList();
  }

  @Test
  void itIsPostgres15AndTheSchemaIsAsShipped() {
    assertThat(database.number("select current_setting('server_version_num')::int / 10000")).isEqualTo(15);
    Schema.of(database.dataSource()).install();
    assertThat(Schema.of(database.dataSource()).verify().isClean()).isTrue();
  }

  @Test
  void messagesArePublishedClaimedAndSettledInOrder() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("jobs").create();
      queue.publishAll(numbers(3_000));
      for (int from = 0; from < 3_000; from += 1_000) {
        Batch<Json> batch = queue.claim(1_000, LEASE);
        assertThat(payloads(batch)).isEqualTo(IntStream.range(from, from + 1_000).mapToObj(Integer::toString).toList());
        batch.done();
      }
      assertThat(queue.claim(1, LEASE).isEmpty()).isTrue();
    }
  }

  @Test
  void whatCommitsLateIsDeliveredLateAndDelaysNobody() {
    database.query("select howdah.create_queue('late')");
    try (Session slow = database.session("slow")) {
      slow.begin().execute("select howdah.publish('late', '\"slow\"')");
      database.query("select howdah.publish('late', '\"quick\"')");
      assertThat(database.texts("select payload #>> '{}' from howdah.claim('late', 10)")).containsExactly("quick");
      slow.prepare("xa");
      assertThat(database.texts("select payload #>> '{}' from howdah.claim('late', 10)")).isEmpty();
      slow.commitPrepared("xa");
      assertThat(database.texts("select payload #>> '{}' from howdah.claim('late', 10)")).containsExactly("slow");
    }
  }

  @Test
  void aRetryComesBackADelayFallsDueAndAMessageOutOfAttemptsIsDead() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("retries").create();
      database.query("update howdah.subscription set max_attempts = 2 where name = 'retries'");
      queue.publish(new Json("1"));
      queue.publish(Message.of(new Json("2")).withDelay(Duration.ofHours(1)));
      for (int attempt = 1; attempt <= 2; attempt++) {
        Batch<Json> batch = queue.claim(10, LEASE);
        assertThat(batch.deliveries()).singleElement().extracting(Delivery::attempt).isEqualTo(attempt);
        batch.settle(Outcomes.all(Outcome.retryIn(Duration.ZERO, "again")));
      }
      assertThat(queue.stats().dead()).isEqualTo(1);
      database.clock().advance(Duration.ofMinutes(61));
      database.query("select howdah.promote()");
      assertThat(payloads(queue.claim(10, LEASE))).containsExactly("2");
    }
  }

  @Test
  void aLapsedLeaseIsTakenBackAndItsTokenIsVoid() {
    database.query("select howdah.create_queue('lapses'); select howdah.publish('lapses', '1')");
    String token = database.text("select token from howdah.claim('lapses')");
    database.clock().advance(LEASE.plusSeconds(1));
    assertThat(database.number("select attempt from howdah.claim('lapses')")).isEqualTo(2);
    assertThat(database.text("select howdah.settle(?)", token)).isEqualTo("lapsed");
    assertThat(database.text("select howdah.renew(?, '30 s')", token)).isEqualTo("false");
  }

  @Test
  void segmentsAreOpenedAndEmptiedAndNothingIsLost() {
    try (TestDatabase own = database.server().createDatabase(); Howdah howdah = Howdah.open(own.dataSource())) {
      Queue<Json> queue = howdah.queue("rotated").create();
      int emptied = 0;
      for (int round = 0; round < 3; round++) {
        queue.publishAll(Collections.nCopies(5_000, new Json('"' + "x".repeat(300) + '"')));
        own.clock().advance(Duration.ofHours(2));
        emptied += housekept(own);
        for (Batch<Json> batch = queue.claim(5_000, LEASE); !batch.isEmpty(); batch = queue.claim(5_000, LEASE)) {
          batch.done();
        }
        emptied += housekept(own);
        queue.publish(new Json(Integer.toString(round)));
        Batch<Json> batch = queue.claim(10, LEASE);
        assertThat(payloads(batch)).containsExactly(Integer.toString(round));
        batch.done();
      }
      assertThat(emptied).isPositive();
    }
  }

  private static int housekept(TestDatabase own) {
    return (int) own.texts("select action from howdah.housekeep()").stream().filter("emptied"::equals).count();
  }

  @Test
  void aWorkerConsumes() throws InterruptedException {
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("worked").create();
      try (Worker worker = queue.consume(delivery -> {
        handled.add(delivery.rawPayload());
        return Outcome.done();
      })) {
        queue.publishAll(numbers(100));
        for (int i = 0; i < 100; i++) {
          assertThat(handled.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(worker.stats().outages()).isZero();
      }
      assertThat(queue.stats()).extracting("ready", "inFlight").containsExactly(0L, 0L);
    }
  }
}
