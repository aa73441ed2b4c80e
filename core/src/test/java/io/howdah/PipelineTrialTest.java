package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.PipelineTrial.Acknowledged;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PipelineTrialTest {

  private static final Pipeline<String> PIPELINE = Pipeline.<String>of(message -> switch (message.payload()) {
    case "bad" -> message.failed("bad").onFailure(Ack.reject());
    case "later" -> message.onSuccess(Ack.retryIn(Duration.ofMinutes(5)));
    case "never" -> message.onSuccess(Ack.nothing());
    case "explode" -> throw new IllegalStateException("on purpose");
    case "batch" -> message.to("batch").withPayload("batched");
    default -> message;
  }).batcher("batch", PipelineBatcher.of(100, Duration.ofHours(1), batch -> batch.messages()));

  @Test
  void tellsWhatEachMessageWasAcknowledgedWith() {
    List<Acknowledged<String>> ended = PipelineTrial.of(PIPELINE, String.class)
        .push(List.of("good", "bad", "later", "never", "explode", "batch"));
    assertThat(ended).extracting(Acknowledged::ack).containsExactly(Ack.done(), Ack.reject(),
        Ack.retryIn(Duration.ofMinutes(5)), Ack.nothing(), Ack.retry(), Ack.done());
    assertThat(ended.get(4).message().failure()).satisfies(
        failure -> assertThat(failure.cause()).isInstanceOf(IllegalStateException.class).hasMessage("on purpose"));
    assertThat(ended.get(5).message().payload()).isEqualTo("batched");
    assertThat(ended.get(5).message().delivery().payload()).isEqualTo("batch");
  }

  @Test
  void knowsAttemptsHeadersAndTopics() {
    Pipeline<String> patient = Pipeline.<String>of(message -> message.failed("always"))
        .handleFailed(messages -> messages.stream()
            .map(message -> message.attempt() >= 3 ? message.onFailure(Ack.archive()) : message).toList());
    PipelineTrial<String> trial = PipelineTrial.of(patient, String.class);
    Message<String> message = Message.of("1").withHeader("type", "order.placed");
    List<Acknowledged<String>> ended = trial
        .pushDeliveries(List.of(trial.delivery(message, 1), trial.delivery(message, 3)));
    assertThat(ended).extracting(Acknowledged::ack).containsExactly(Ack.retry(), Ack.archive());
    assertThat(ended.getFirst().message().delivery().topic()).isEqualTo("order.placed");
  }

  @Test
  void whatCannotBeReadIsRejectedAndTheRateAndTheReadingAreNoQuestion() {
    Codec<Integer> numbers = Codec.of(String::valueOf, Integer::valueOf);
    Pipeline<Integer> pipeline = Pipeline.of(message -> message.withPayload(message.payload() + 1));
    PipelineTrial<Integer> trial = PipelineTrial.of(pipeline, numbers);
    Delivery<Integer> unreadable = new Delivery<>(trial.delivery(Message.of(1), 1).payload() == 1
        ? new Envelope(java.util.UUID.randomUUID(), 1, 1, null, null, java.util.Map.of(), java.time.Instant.now())
        : null, "no number", numbers);
    assertThat(trial.pushDeliveries(List.of(unreadable))).singleElement()
        .satisfies(each -> assertThat(each.ack()).isEqualTo(Ack.reject()));
  }

  @Test
  void aPipelineThatReadsAtMostOnceAcknowledgesAllAsDone() {
    assertThat(PipelineTrial.of(PIPELINE, String.class).withOptions(PipelineOptions.defaults().withAtMostOnce(true))
        .push(List.of("good", "bad", "never"))).extracting(Acknowledged::ack).containsOnly(Ack.done());
  }

  @Test
  void partitionsKeepTheirOrderThroughProcessorsAndBatchersOfSeveralThreads() {
    List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
    Pipeline<String> pipeline = Pipeline.<String>of(message -> message).partitionBy(Delivery::key)
        .batcher(PipelineBatcher.<String>of(3, Duration.ofMillis(1), batch -> {
          batch.messages().forEach(message -> seen.add(message.delivery().key() + message.payload()));
          return batch.messages();
        }).withConcurrency(4));
    PipelineTrial.of(pipeline, String.class).pushMessages(
        IntStream.range(0, 400).mapToObj(i -> Message.of(String.valueOf(1_000 + i)).withKey("k" + i % 5)).toList());
    for (int key = 0; key < 5; key++) {
      String prefix = "k" + key;
      assertThat(seen.stream().filter(each -> each.startsWith(prefix)).toList()).hasSize(80).isSorted();
    }
  }

  @Test
  void aHandlerThatNeverEndsIsToldWhenThePatienceIsOver() {
    Pipeline<String> pipeline = Pipeline.of(message -> {
      new CountDownLatch(1).await();
      return message;
    });
    assertThatThrownBy(
        () -> PipelineTrial.of(pipeline, String.class).withPatience(Duration.ofMillis(50)).push(List.of("1")))
        .isInstanceOfSatisfying(HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));
  }

  @Test
  void valuesThatCannotWorkAreRefused() {
    assertThatThrownBy(() -> PipelineBatcher.of(0, Duration.ofSeconds(1), batch -> List.of()))
        .hasMessage("size must be between 1 and 10000 but was 0");
    assertThatThrownBy(() -> PipelineOptions.defaults().withRate(0, Duration.ofSeconds(1)))
        .hasMessageStartingWith("messages must be");
    assertThatThrownBy(() -> Reading.poll(Duration.ZERO)).hasMessageStartingWith("interval must be");
    assertThatThrownBy(() -> Ack.retryIn(Duration.ofSeconds(-1))).hasMessageStartingWith("delay must be");
    assertThatThrownBy(() -> PipelineTrial.of(Pipeline.<String>of(message -> {
      message.attached(Integer.class);
      return message;
    }), String.class).push(List.of("1")).forEach(each -> {
      throw new IllegalStateException(each.message().failure().cause());
    })).cause().hasMessageStartingWith("no java.lang.Integer is attached");
  }
}
