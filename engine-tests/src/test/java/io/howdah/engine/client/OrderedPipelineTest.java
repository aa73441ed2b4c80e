package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Ordering;
import io.howdah.Pipeline;
import io.howdah.PipelineBatcher;
import io.howdah.PipelineOptions;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pipeline of an ordered queue keeps its order without being told. */
@HowdahTest
class OrderedPipelineTest {

  private static final PipelineOptions EIGHT = PipelineOptions.defaults().withConcurrency(8);

  private final Howdah howdah;

  OrderedPipelineTest(TestDatabase database) {
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Queue<Json> queueOf(String name, int messages, int keys) {
    Queue<Json> queue = howdah.queue(name).create(Ordering.byKey(), RetryPolicy.none());
    queue.publishAllMessages(IntStream.range(0, messages)
        .mapToObj(i -> Message.of(new Json(Integer.toString(1_000 + i))).withKey("k" + i % keys)).toList());
    return queue;
  }

  @Test
  void messagesOfAKeyAreProcessedAndBatchedInOrderAlsoAfterAFailure() {
    Queue<Json> queue = queueOf("ordered", 120, 3);
    Set<String> failed = ConcurrentHashMap.newKeySet();
    Map<String, List<String>> handled = new ConcurrentHashMap<>();
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      String text = message.payload().text();
      return text.endsWith("5") && failed.add("processor " + text) ? message.failed("at first") : message;
    }).batcher(PipelineBatcher.<Json>of(4, Duration.ofMillis(5), batch -> {
      if (batch.messages().stream().map(message -> message.payload().text())
          .anyMatch(text -> text.endsWith("8") && failed.add("batch " + text))) {
        throw new IllegalStateException("at first");
      }
      batch.messages()
          .forEach(message -> handled
              .computeIfAbsent(String.valueOf(message.delivery().key()), key -> new CopyOnWriteArrayList<>())
              .add(message.payload().text()));
      return batch.messages();
    }).withConcurrency(3));
    try (Worker worker = queue.pipeline(pipeline, EIGHT)) {
      Eventually.is("all are done", () -> worker.stats().done() == 120);
      assertThat(failed).hasSize(24);
    }
    for (int key = 0; key < 3; key++) {
      assertThat(handled.get("k" + key)).as("messages of k%s", key).hasSize(40).isSorted();
    }
  }

  @Test
  void readingAtMostOnceIsRefusedBecauseAnotherProcessWouldGetTheNextMessage() {
    Queue<Json> queue = queueOf("pop", 1, 1);
    assertThatThrownBy(() -> queue.pipeline(Pipeline.of(message -> message), EIGHT.withAtMostOnce(true)))
        .isInstanceOf(HowdahException.class).hasMessageContaining("reading at most once does not keep");
  }

  @Test
  void aProcessorThatFailsHoldsUpItsKeyAndNobodyElse() {
    Queue<Json> queue = howdah.queue("held").create(Ordering.byKey(), RetryPolicy.fixed(Duration.ofHours(1)));
    for (String key : List.of("a", "a", "b", "a", "b")) {
      queue.publish(Message.of(new Json("\"" + key + "\"")).withKey(key));
    }
    List<String> processed = new CopyOnWriteArrayList<>();
    Pipeline<Json> pipeline = Pipeline.of(message -> {
      processed.add(String.valueOf(message.delivery().key()));
      return "a".equals(message.delivery().key()) ? message.failed("on purpose") : message;
    });
    try (Worker worker = queue.pipeline(pipeline, EIGHT)) {
      Eventually.is("the other key is done", () -> worker.stats().done() == 2 && worker.stats().retried() == 1);
      assertThat(worker.drain(Duration.ofSeconds(20))).isTrue();
    }
    assertThat(processed).containsExactlyInAnyOrder("a", "b", "b");
  }
}
