package io.howdah.engine.client;

import static io.howdah.Outcome.archive;
import static io.howdah.Outcome.done;
import static io.howdah.Outcome.reject;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Batch;
import io.howdah.Bytes;
import io.howdah.Codec;
import io.howdah.Cron;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.Payload;
import io.howdah.Publisher;
import io.howdah.PublisherOptions;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bytes with a content type are published and consumed wherever JSON is. */
@HowdahTest
class BytesTest {
  private static final Bytes PICTURE = new Bytes(new byte[]{0, (byte) 0xFF, 10, '\\', '"'}, "image/png");

  private final TestDatabase database;
  private final Howdah howdah;

  BytesTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  @Test
  void everyWayOfPublishingBringsThemToAWorkerAsTheyWere() throws SQLException {
    Queue<Bytes> pictures = howdah.queue("pictures", Bytes.class).create();
    List<Bytes> seen = new CopyOnWriteArrayList<>();
    pictures.publish(PICTURE);
    pictures.publishAll(List.of(PICTURE, PICTURE));
    pictures.publishRouted(Message.of(PICTURE));
    pictures.publishOnce(Message.of(PICTURE), Once.key("k"));
    pictures.publishAllOnce(List.of(Message.of(PICTURE)), List.of(Once.key("k2")));
    try (Connection connection = database.dataSource().getConnection()) {
      pictures.in(connection).publish(PICTURE);
    }
    for (PublisherOptions options : List.of(PublisherOptions.defaults(),
        PublisherOptions.defaults().withRetryFor(Duration.ZERO))) {
      try (Publisher<Bytes> publisher = pictures.publisher(options)) {
        publisher.publish(PICTURE).join();
      }
    }
    try (Worker worker = pictures.consume(delivery -> {
      seen.add(delivery.payload());
      return done();
    })) {
      Eventually.is("all nine are handled", () -> worker.stats().done() == 9);
    }
    assertThat(seen).hasSize(9).allMatch(PICTURE::equals);
  }

  @Test
  void aQueueOfPayloadsHasBothKinds() {
    Queue<Payload> both = howdah.queue("both", Payload.class).create();
    both.publishAll(List.of(new Json("1"), PICTURE, new Json("2")));
    try (Publisher<Payload> publisher = both.publisher()) {
      publisher.publish(Message.<Payload>of(PICTURE).withKey("k")).join();
      publisher.publish(Message.<Payload>of(new Json("3")).withKey("k")).join();
    }
    assertThat(both.pop(10)).extracting(Delivery::payload).containsExactly(new Json("1"), PICTURE, new Json("2"),
        PICTURE, new Json("3"));
  }

  @Test
  void aCodecOfBytesTellsTheirTypeAndReadsJsonToo() {
    Codec<String> text = Codec.ofBytes("text/plain", each -> each.getBytes(StandardCharsets.UTF_8),
        bytes -> new String(bytes, StandardCharsets.UTF_8));
    Queue<String> lines = howdah.queue("lines", text).create();
    lines.publish("no JSON");
    howdah.queue("lines").publish(new Json("{}"));
    howdah.queue("lines", byte[].class).publish(new byte[]{'b'});
    assertThat(lines.peek(10)).extracting(delivery -> delivery.raw().contentType()).containsExactly("text/plain",
        "application/json", "application/octet-stream");
    assertThat(lines.pop(10)).extracting(Delivery::payload).containsExactly("no JSON", "{}", "b");
  }

  @Test
  void aConsumerOfJsonMakesThemDeadLettersAndSaysWhatTheyAre() {
    howdah.queue("mixed", Bytes.class).create().publish(PICTURE);
    Queue<Integer> numbers = howdah.queue("mixed", Integer.class);
    numbers.publish(7);
    try (Worker worker = numbers.consume(delivery -> delivery.payload() == 7 ? done() : reject("wrong"))) {
      Eventually.is("both are settled", () -> worker.stats().done() == 1 && worker.stats().rejected() == 1);
    }
    var letter = numbers.deadLetters().list(LetterFilter.all(), 0, 10).getFirst();
    assertThat(letter.failure().reason()).isEqualTo("undecodable");
    assertThat(letter.failure().error()).contains("5 bytes of image/png", "raw()");
    assertThat(letter.message().payload()).isEqualTo(PICTURE);
    try (Batch<Json> batch = howdah.queue("mixed").claim(1, Duration.ofSeconds(30))) {
      assertThat(batch.isEmpty()).isTrue();
    }
  }

  @Test
  void theyAreListedWhileTheyWaitAndInTheArchive() {
    Queue<Bytes> queue = howdah.queue("listed", Bytes.class).create();
    queue.publish(Message.of(PICTURE).withDelay(Duration.ofHours(1)));
    assertThat(queue.schedule().list(10).getFirst().content().payload()).isEqualTo(PICTURE);
    queue.publish(PICTURE);
    try (Worker worker = queue.consume(delivery -> archive())) {
      Eventually.is("it is archived", () -> worker.stats().archived() == 1);
    }
    assertThat(queue.archive().list(LetterFilter.all(), 0, 10).getFirst().message().payload()).isEqualTo(PICTURE);
  }

  @Test
  void aJsonTextIsAskedForInVainAndJobsAndRecurringMessagesStayJson() {
    Queue<Bytes> queue = howdah.queue("json", Bytes.class).create();
    queue.publish(PICTURE);
    Delivery<Bytes> delivery = queue.peek(1).getFirst();
    assertThatExceptionOfType(HowdahException.class).isThrownBy(delivery::rawPayload)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNDECODABLE));
    List<Runnable> refused = new ArrayList<>();
    refused.add(() -> queue.repeat("daily", Cron.of("0 0 * * *"), Message.of(PICTURE)));
    refused.add(() -> howdah.jobs("jobs", Bytes.class).createJob("q", "a", PICTURE));
    for (Runnable each : refused) {
      assertThatExceptionOfType(HowdahException.class).isThrownBy(each::run).withMessageContaining("are JSON")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
    }
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> new Bytes(new byte[0], "png"))
        .withMessageContaining("image/png");
  }
}
