package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Cron;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Queue;
import io.howdah.RecurringMessage;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@HowdahTest
class RepeatTest {

  private final TestDatabase database;

  RepeatTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void aWorkerFiresItByItself() throws InterruptedException {
    BlockingQueue<Map<String, String>> handled = new LinkedBlockingQueue<>();
    try (Howdah howdah = Howdah.open(database.dataSource(),
        HowdahOptions.defaults().withPollInterval(Duration.ofSeconds(1)))) {
      Queue<Json> queue = howdah.queue("fired").create();
      Instant next = queue.repeat("yearly", Cron.of("@yearly"), Message.of(new Json("1"))).orElseThrow();
      try (Worker worker = queue.consume(delivery -> {
        handled.add(delivery.headers());
        return done();
      })) {
        database.clock().advance(Duration.between(Instant.now(), next).plusSeconds(1));
        assertThat(handled.poll(10, TimeUnit.SECONDS)).containsEntry("recurring", "yearly").containsEntry("due",
            next.toString());
        assertThat(worker.stats().outages()).isZero();
      } finally {
        howdah.recurring().drop("yearly");
        database.clock().reset();
      }
    }
  }

  @Test
  void itIsMadeListedPausedResumedAndDropped() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("repeated").create();
      Cron cron = Cron.of("30 2 * * *").withZone(ZoneId.of("Europe/Berlin")).withMissed(Cron.Missed.ALL);
      Message<Json> message = Message.of(new Json("{\"a\": 1}")).withTopic("a.b").withHeader("x", "y");
      Instant next = queue.repeat("nightly", cron, message).orElseThrow();
      RecurringMessage found = howdah.recurring().find("nightly").orElseThrow();
      assertThat(found).isEqualTo(
          new RecurringMessage("nightly", "repeated", cron, next, new RecurringMessage.Past(0, null, null), message));
      assertThat(howdah.recurring().list()).containsExactly(found);
      assertThat(howdah.recurring().pause("nightly")).isTrue();
      assertThat(howdah.recurring().find("nightly").orElseThrow().next()).isNull();
      assertThat(queue.repeat("nightly", cron, message)).isEmpty();
      assertThat(howdah.recurring().resume("nightly")).isEqualTo(next);
      assertThat(howdah.recurring().next(cron, Instant.parse("2026-03-28T12:00:00Z")))
          .contains(Instant.parse("2026-03-29T01:30:00Z"));
      assertThat(howdah.recurring().drop("nightly")).isTrue();
      assertThat(howdah.recurring().drop("nightly")).isFalse();
    }
  }

  @Test
  void whatCannotRecurIsRefused() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("refusing").create();
      Message<Json> message = Message.of(new Json("1"));
      refused(ErrorCode.INVALID, () -> queue.repeat("x", Cron.of("* * *"), message));
      refused(ErrorCode.INVALID, () -> queue.repeat("x", Cron.of("@daily"), message.withDelay(Duration.ofSeconds(1))));
      refused(ErrorCode.NOT_FOUND, () -> howdah.queue("nowhere").repeat("x", Cron.of("@daily"), message));
      refused(ErrorCode.NOT_FOUND, () -> howdah.recurring().pause("x"));
    }
  }

  private static void refused(ErrorCode code, Runnable call) {
    assertThatExceptionOfType(HowdahException.class).isThrownBy(call::run)
        .satisfies(e -> assertThat(e.code()).isEqualTo(code));
  }
}
