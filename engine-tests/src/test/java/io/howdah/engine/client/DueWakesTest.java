package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.retryIn;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Queue;
import io.howdah.ScheduledMessage;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The poll is stretched to minutes, so that only the due time itself can have ended a worker's wait. */
@HowdahTest
class DueWakesTest {

  private static final HowdahOptions NO_POLL = HowdahOptions.defaults().withPollInterval(Duration.ofMinutes(5));
  private static final Duration SOON = Duration.ofMillis(600);

  private final TestDatabase database;

  DueWakesTest(TestDatabase database) {
    this.database = database;
  }

  /** By the database's clock. */
  private Instant now() {
    return Instant.ofEpochSecond(0,
        database.number("select (extract(epoch from howdah.now()) * 1000000)::bigint") * 1000);
  }

  @Test
  void aSleepingWorkerWakesWhenAMessageFallsDueAndNoSooner() throws InterruptedException {
    BlockingQueue<Instant> handled = new LinkedBlockingQueue<>();
    try (Howdah howdah = Howdah.open(database.dataSource(), NO_POLL)) {
      Queue<Json> queue = howdah.queue("due-wakes").create();
      try (Worker worker = queue.consume(delivery -> {
        handled.add(now());
        return done();
      })) {
        Eventually.is("the worker sleeps", () -> database.number("select count(*) from howdah.sleeper") > 0);
        for (int turn = 0; turn < 3; turn++) {
          Instant due = now().plus(SOON);
          queue.publish(Message.of(new Json("1")).withDue(due));
          assertThat(handled.poll(10, TimeUnit.SECONDS)).isAfterOrEqualTo(due);
        }
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }

  @Test
  void aRetryWakesTheWorkerToo() throws InterruptedException {
    BlockingQueue<Integer> attempts = new LinkedBlockingQueue<>();
    AtomicInteger failures = new AtomicInteger(3);
    try (Howdah howdah = Howdah.open(database.dataSource(), NO_POLL)) {
      Queue<Json> queue = howdah.queue("retry-wakes").create();
      queue.publish(new Json("1"));
      try (Worker worker = queue.consume(delivery -> {
        attempts.add(delivery.attempt());
        return failures.getAndDecrement() > 0 ? retryIn(Duration.ofMillis(300), "not yet") : done();
      })) {
        for (int attempt = 1; attempt <= 4; attempt++) {
          assertThat(attempts.poll(10, TimeUnit.SECONDS)).isEqualTo(attempt);
        }
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }

  @Test
  void anEarlierTimeWakesTheWorkerThatSleptForALaterOne() throws InterruptedException {
    BlockingQueue<UUID> handled = new LinkedBlockingQueue<>();
    try (Howdah howdah = Howdah.open(database.dataSource(), NO_POLL)) {
      Queue<Json> queue = howdah.queue("hurried").create();
      UUID id = queue.publish(Message.of(new Json("1")).withDelay(Duration.ofHours(1)));
      try (Worker worker = queue.consume(delivery -> {
        handled.add(delivery.id());
        return done();
      })) {
        Eventually.is("the worker sleeps", () -> database.number("select count(*) from howdah.sleeper") > 0);
        assertThat(queue.schedule().reschedule(id, Instant.now().plus(SOON))).isTrue();
        assertThat(handled.poll(10, TimeUnit.SECONDS)).isEqualTo(id);
        assertThat(worker.stats().outages()).isZero();
      }
    }
  }

  @Test
  void theScheduleIsListedAndChangedInACallersTransaction() throws Exception {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("listed").create();
      Instant due = Instant.parse("2030-01-02T03:04:05.678901Z");
      UUID id = queue.publish(Message.of(new Json("{\"n\": 1}")).withDue(due).withKey("k").withTopic("a.b"));
      ScheduledMessage waiting = queue.schedule().find(id).orElseThrow();
      assertThat(waiting.due()).isEqualTo(due);
      assertThat(waiting.content().key()).isEqualTo("k");
      assertThat(waiting.content().payload().text()).isEqualTo("{\"n\": 1}");
      assertThat(queue.schedule().list(10)).containsExactly(waiting);
      try (Connection connection = database.connect()) {
        connection.setAutoCommit(false);
        assertThat(queue.schedule().in(connection).cancel(id)).isTrue();
        connection.rollback();
      }
      assertThat(queue.schedule().cancel(waiting)).isTrue();
      assertThat(queue.schedule().find(id)).isEmpty();
      assertThat(queue.schedule().reschedule(id, due)).isFalse();
    }
  }
}
