package io.howdah.engine.client;

import static io.howdah.Outcome.reject;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Batch;
import io.howdah.DeadLetter;
import io.howdah.DeadLetters;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.Message;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.RedriveOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Dead letters from Java. */
@HowdahTest
class DeadLettersTest {
  private final Howdah howdah;

  DeadLettersTest(TestDatabase database) {
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Queue<Json> withLetters(String name, int letters) {
    Queue<Json> queue = howdah.queue(name).create();
    queue.publishAllMessages(IntStream.range(0, letters).mapToObj(i -> Message.of(new Json("{\"n\": " + i + "}"))
        .withTopic("order.placed").withKey("key \"" + i).withHeader("trace", "t" + i)).toList());
    try (Batch<Json> batch = queue.claim(letters, Duration.ofSeconds(30))) {
      batch.settle(Outcomes.all(reject("no such article")));
    }
    return queue;
  }

  @Test
  void aLetterHasAllOfItsMessage() {
    Instant before = Instant.now().minusSeconds(60);
    DeadLetters letters = withLetters("all", 3).deadLetters();
    DeadLetter letter = letters.list(LetterFilter.all().withKey("key \"1").since(before), 0, 10).getFirst();
    assertThat(letter.message()).isEqualTo(
        Message.of(new Json("{\"n\": 1}")).withTopic("order.placed").withKey("key \"1").withHeader("trace", "t1"));
    assertThat(letter.subscription()).isEqualTo("all");
    assertThat(letter.failure().attempts()).isEqualTo(1);
    assertThat(letter.failure().reason()).isEqualTo("no such article");
    assertThat(letter.failure().last()).isEqualTo(letter.failure().first()).isAfter(before);
    assertThat(letters.find(letter.id())).contains(letter);
    assertThat(letters.find(UUID.randomUUID())).isEmpty();
    assertThat(letter.toString()).doesNotContain("{");
    assertThat(howdah.deadLetters(LetterFilter.ids(letter.id()), 0, 10)).containsExactly(letter);
    assertThat(letters.list(LetterFilter.all(), letter.number(), 10)).hasSize(1);
  }

  @Test
  void allAreRedrivenBatchByBatch() {
    Queue<Json> queue = withLetters("batches", 25);
    DeadLetters letters = queue.deadLetters();
    assertThat(letters.count(LetterFilter.all())).isEqualTo(25);
    assertThat(letters.redrive(LetterFilter.all(), RedriveOptions.defaults().withBatch(10))).isEqualTo(25);
    assertThat(letters.redrive(LetterFilter.all())).isZero();
    assertThat(queue.stats().ready()).isEqualTo(25);
  }

  @Test
  void atARateTheyFallDueOneAfterTheOther() {
    Queue<Json> queue = withLetters("rate", 45);
    long begun = System.nanoTime();
    assertThat(queue.deadLetters().redrive(LetterFilter.all(), RedriveOptions.defaults().withPerSecond(30)))
        .isEqualTo(45);
    assertThat(System.nanoTime() - begun).as("30 in the first second, 15 in the second")
        .isBetween(Duration.ofSeconds(1).toNanos(), Duration.ofSeconds(10).toNanos());
    Eventually.is("all have fallen due",
        () -> queue.claim(100, Duration.ofMinutes(1)).isEmpty() && queue.stats().scheduled() == 0);
  }

  @Test
  void oneIsCorrectedSentElsewhereAndTheOthersAreDeleted() {
    Queue<Json> queue = withLetters("corrected", 4);
    Queue<Json> repair = howdah.queue("repair").create();
    DeadLetters letters = queue.deadLetters();
    UUID id = letters.list(LetterFilter.all().withText("\"n\": 2"), 0, 10).getFirst().id();
    assertThat(letters.edit(id, new Json("{\"n\": 22}"))).isTrue();
    assertThat(letters.edit(UUID.randomUUID(), new Json("1"))).isFalse();
    assertThat(letters.redrive(LetterFilter.ids(id), RedriveOptions.defaults().withTarget("repair"))).isEqualTo(1);
    assertThat(repair.peek(10)).singleElement().satisfies(each -> {
      assertThat(each.id()).isEqualTo(id);
      assertThat(each.rawPayload()).isEqualTo("{\"n\": 22}");
    });
    assertThat(letters.delete(LetterFilter.all().withReason("lapsed"))).isZero();
    assertThat(letters.delete(LetterFilter.all())).isEqualTo(3);
  }

  @Test
  void whatCannotBeIsRefused() {
    DeadLetters nowhere = howdah.deadLetters("nowhere");
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> nowhere.count(LetterFilter.all()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    List<Runnable> wrong = List.of(() -> RedriveOptions.defaults().withBatch(0),
        () -> RedriveOptions.defaults().withPerSecond(0), () -> RedriveOptions.defaults().withPerSecond(Double.NaN),
        () -> howdah.deadLetters("q").list(LetterFilter.all(), 0, 0),
        () -> withLetters("edited", 1).deadLetters().edit(UUID.randomUUID(), new Json("no json")));
    wrong.forEach(each -> assertThatExceptionOfType(HowdahException.class).isThrownBy(each::run)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID)));
  }
}
