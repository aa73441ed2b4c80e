package io.howdah.engine.client;

import static io.howdah.Outcome.archive;
import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.ArchivedMessage;
import io.howdah.Batch;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.Message;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages that are archived are handled, and kept. */
@HowdahTest
class ArchiveTest {
  private final TestDatabase database;
  private final TestClock clock;
  private final Howdah howdah;

  ArchiveTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
    clock.reset();
  }

  private Queue<Json> archived(String name, int count) {
    Queue<Json> queue = howdah.queue(name).create();
    queue.publishAllMessages(IntStream.range(0, count).mapToObj(i -> Message.of(new Json("{\"n\": " + i + "}"))
        .withTopic("order.placed").withKey("k" + i).withHeader("trace", "t" + i)).toList());
    try (Batch<Json> batch = queue.claim(count, Duration.ofSeconds(30))) {
      batch.settle(Outcomes.all(archive()));
    }
    return queue;
  }

  @Test
  void aHandlerArchivesSomeAndTheOthersAreOnlyDone() {
    Queue<Json> queue = howdah.queue("some").create();
    for (int i = 0; i < 10; i++) {
      queue.publish(new Json(Integer.toString(i)));
    }
    try (Worker worker = queue.consume(delivery -> Integer.parseInt(delivery.rawPayload()) < 3 ? archive() : done())) {
      Eventually.is("all are settled", () -> worker.stats().archived() == 3 && worker.stats().done() == 7);
    }
    assertThat(queue.archive().list(LetterFilter.all(), 0, 10)).extracting(each -> each.message().payload().text())
        .containsExactlyInAnyOrder("0", "1", "2");
    assertThat(queue.stats()).satisfies(stats -> {
      assertThat(stats.ready() + stats.inFlight() + stats.scheduled() + stats.dead()).isZero();
    });
  }

  @Test
  void allOfTheMessageIsKeptAndTheDeliveriesItTook() {
    Queue<Json> queue = howdah.queue("kept").create();
    Message<Json> message = Message.of(new Json("{\"n\":  1}")).withTopic("a.b").withKey("k").withHeader("trace", "t");
    UUID id = queue.publish(message);
    try (Batch<Json> batch = queue.claim(1, Duration.ofSeconds(30))) {
      batch.settle(Outcomes.all(Outcome.retryIn(Duration.ZERO, "once more")));
    }
    try (Batch<Json> batch = queue.claim(1, Duration.ofSeconds(30))) {
      batch.settle(Outcomes.all(archive()));
    }
    ArchivedMessage archived = queue.archive().find(id).orElseThrow();
    assertThat(archived.message()).isEqualTo(message);
    assertThat(archived.attempts()).isEqualTo(2);
    assertThat(archived.archivedAt()).isAfter(archived.publishedAt());
    assertThat(archived.toString()).doesNotContain("{");
  }

  @Test
  void anArchivingThatIsRolledBackKeepsNothing() {
    Queue<Json> queue = howdah.queue("rolled-back").create();
    queue.publish(new Json("1"));
    String token = database.text("select token from howdah.claim('rolled-back')");
    database.query("begin; select howdah.settle('" + token + "', array[1], array['archive']); rollback");
    assertThat(queue.archive().count(LetterFilter.all())).isZero();
    assertThat(database.text("select howdah.settle(?, array[1], array['archive'])", token)).isEqualTo("settled");
    assertThat(database.text("select howdah.settle(?, array[1], array['archive'])", token)).isEqualTo("lapsed");
    assertThat(queue.archive().count(LetterFilter.all())).isEqualTo(1);
  }

  @Test
  void theyArePublishedAgainAsNewMessagesPageByPageAndStay() {
    Queue<Json> queue = archived("again", 1_500);
    assertThat(queue.archive().republish(LetterFilter.all(), null)).isEqualTo(1_500);
    assertThat(queue.stats().ready()).isEqualTo(1_500);
    assertThat(queue.archive().count(LetterFilter.all())).isEqualTo(1_500);
    Queue<Json> other = howdah.queue("other").create();
    assertThat(queue.archive().republish(LetterFilter.all().withKey("k7"), "other")).isEqualTo(1);
    assertThat(other.peek(10)).singleElement().satisfies(each -> {
      assertThat(each.rawPayload()).isEqualTo("{\"n\": 7}");
      assertThat(each.headers()).containsEntry("trace", "t7");
      assertThat(each.topic()).isEqualTo("order.placed");
      assertThat(queue.archive().find(each.id())).isEmpty();
    });
  }

  @Test
  void theyAreCountedAndDeletedByFilter() {
    Queue<Json> queue = archived("deleted", 12);
    assertThat(queue.archive().count(LetterFilter.all().withText("\"N\": 1"))).isEqualTo(3);
    assertThat(queue.archive().delete(LetterFilter.all().withText("\"N\": 1"))).isEqualTo(3);
    assertThat(queue.archive().list(LetterFilter.all(), 0, 100)).hasSize(9);
    assertThat(queue.archive().delete(LetterFilter.all())).isEqualTo(9);
  }

  @Test
  void housekeepingDeletesThoseThatAreOlderThanTheirQueueKeepsThem() {
    Queue<Json> queue = archived("expiring", 5);
    Queue<Json> keeping = archived("keeping", 5);
    queue.archive().retain(Duration.ofDays(2));
    clock.advance(Duration.ofDays(1));
    database.query("select howdah.housekeep()");
    assertThat(queue.archive().count(LetterFilter.all())).isEqualTo(5);
    clock.advance(Duration.ofDays(1));
    database.query("select howdah.housekeep()");
    assertThat(queue.archive().count(LetterFilter.all())).isZero();
    assertThat(keeping.archive().count(LetterFilter.all())).isEqualTo(5);
    keeping.archive().retain(Duration.ofDays(1));
    keeping.archive().retain(null);
    database.query("select howdah.housekeep()");
    assertThat(keeping.archive().count(LetterFilter.all())).isEqualTo(5);
  }

  @Test
  void aQueueWithAnArchiveIsDroppedByForceOnly() {
    Queue<Json> queue = archived("full", 1);
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> queue.drop(false))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    assertThat(queue.drop(true)).isTrue();
    assertThat(queue.create().archive().count(LetterFilter.all())).isZero();
  }
}
