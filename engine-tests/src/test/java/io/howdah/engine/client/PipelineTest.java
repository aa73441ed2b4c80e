package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Ack;
import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.LetterFilter;
import io.howdah.Message;
import io.howdah.Pipeline;
import io.howdah.PipelineBatcher;
import io.howdah.PipelineMessage;
import io.howdah.PipelineOptions;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class PipelineTest {

  private static final PipelineOptions TWO = PipelineOptions.defaults().withConcurrency(2);
  private static final Duration SHORT = Duration.ofMillis(50);

  private final TestDatabase database;
  private final Howdah howdah;
  private final TestClock clock;

  PipelineTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
    this.clock = clock;
  }

  @AfterEach
  void close() {
    howdah.close();
    clock.reset();
  }

  private Queue<Json> queueOf(String name, String... payloads) {
    Queue<Json> queue = howdah.queue(name).create(RetryPolicy.fixed(Duration.ofMinutes(10)));
    queue.publishAll(List.of(payloads).stream().map(Json::new).toList());
    return queue;
  }

  private static String text(PipelineMessage<Json> message) {
    return message.payload().text();
  }

  @Test
  void successIsDoneAndFailureWaitsAsThePolicySaysUnlessThePipelineSaysOtherwise() {
    Queue<Json> queue = queueOf("defaults", "1", "2");
    Pipeline<Json> pipeline = Pipeline.of(message -> text(message).equals("1") ? message : message.failed("no stock"));
    try (Worker worker = queue.pipeline(pipeline, TWO)) {
      Eventually.is("one is done, one waits", () -> worker.stats().done() == 1 && worker.stats().retried() == 1);
    }
    assertThat(database.text(
        "select reason from howdah.due where sub = (select id from howdah.subscription where " + "name = 'defaults')"))
        .isEqualTo("no stock");
    long minutes = database
        .number("select (extract(epoch from howdah.next_due('defaults') - howdah.now()) / 60)::bigint");
    assertThat(minutes).isEqualTo(10);
  }

  @Test
  void everyAcknowledgementDoesWhatItSays() {
    Queue<Json> queue = queueOf("acks", "1", "2", "3", "4", "5");
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> switch (text(message)) {
      case "1" -> message.onSuccess(Ack.archive());
      case "2" -> message.onSuccess(Ack.retryIn(Duration.ofHours(1)));
      case "3" -> message.failed("bad").onFailure(Ack.reject());
      case "4" -> message.failed("bad").onFailure(Ack.archive());
      default -> throw new IllegalStateException("by the pipeline's word");
    }).onFailure(Ack.retryIn(Duration.ofHours(2)));
    try (Worker worker = queue.pipeline(pipeline, TWO)) {
      Eventually.is("all are settled",
          () -> worker.stats().archived() == 2 && worker.stats().rejected() == 1 && worker.stats().retried() == 2);
    }
    assertThat(queue.archive().list(LetterFilter.all(), 0, 10))
        .extracting(archived -> archived.message().payload().text()).containsExactlyInAnyOrder("1", "4");
    assertThat(queue.deadLetters().list(LetterFilter.all(), 0, 10).getFirst().failure().reason()).isEqualTo("bad");
    assertThat(database.texts("select payload || ' ' || round(extract(epoch from due - howdah.now()) / 3600) "
        + "from howdah.due where sub = (select id from howdah.subscription where name = 'acks') order by due"))
        .containsExactly("2 1", "5 2");
  }

  @Test
  void nothingLeavesAMessageToItsLease() throws InterruptedException {
    Queue<Json> queue = queueOf("nothing", "1", "2");
    BlockingQueue<Integer> attempts = new LinkedBlockingQueue<>();
    Pipeline<Json> pipeline = Pipeline.of(message -> {
      if (text(message).equals("2")) {
        return message;
      }
      attempts.add(message.attempt());
      return message.attempt() == 1 ? message.onSuccess(Ack.nothing()) : message;
    });
    try (Worker worker = queue.pipeline(pipeline, TWO)) {
      assertThat(attempts.poll(20, TimeUnit.SECONDS)).isEqualTo(1);
      Eventually.is("its neighbour is done", () -> worker.stats().done() == 1);
      assertThat(queue.stats().inFlight()).isEqualTo(1);
      assertThat(queue.stats().scheduled()).isZero();
      clock.advance(Duration.ofSeconds(31));
      worker.wake();
      assertThat(attempts.poll(20, TimeUnit.SECONDS)).isEqualTo(2);
      Eventually.is("it is done", () -> worker.stats().done() == 2);
      assertThat(worker.stats().lapsed()).isZero();
    }
  }

  @Test
  void closingLeavesToItsLeaseWhatWasLeftAndHandsBackItsNeighbours() throws InterruptedException {
    Queue<Json> queue = queueOf("left", "1", "2", "3");
    CountDownLatch left = new CountDownLatch(1);
    Pipeline<Json> pipeline = Pipeline.of(message -> {
      if (text(message).equals("1")) {
        left.countDown();
        return message.onSuccess(Ack.nothing());
      }
      new CountDownLatch(1).await();
      return message;
    });
    Worker worker = queue.pipeline(pipeline, PipelineOptions.defaults().withConcurrency(3));
    assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
    worker.close(Duration.ZERO);
    Eventually.is("the neighbours are there again", () -> queue.stats().ready() + queue.stats().scheduled() == 2);
    assertThat(queue.stats().inFlight()).isEqualTo(1);
  }

  @Test
  void anExceptionANullAndAnotherMessageAreFailuresOfTheirMessageAlone() {
    Queue<Json> queue = queueOf("failures", "1", "2", "3", "4", "5");
    AtomicInteger calls = new AtomicInteger();
    PipelineMessage<Json> foreign = PipelineMessage.of(queue.peek(1).getFirst());
    Pipeline<Json> pipeline = Pipeline.of(message -> {
      calls.incrementAndGet();
      return switch (text(message)) {
        case "1" -> throw new AssertionError("on purpose: a processor that fails with an error");
        case "2" -> null;
        case "3" -> foreign;
        case "4" -> message.to("nowhere");
        default -> message;
      };
    });
    try (Worker worker = queue.pipeline(pipeline, TWO)) {
      Eventually.is("one is done, four are retried", () -> worker.stats().done() == 1 && worker.stats().retried() == 4);
      assertThat(calls).hasValue(5);
    }
    assertThat(database.texts(
        "select reason from howdah.due where sub = (select id from howdah.subscription where " + "name = 'failures')"))
        .containsExactlyInAnyOrder("the handler failed", "the handler failed",
            "the processor answered with another message", "the pipeline has no batcher \"nowhere\"");
  }

  @Test
  void whatCannotBeReadIsADeadLetterAndItsNeighboursAreDelivered() {
    Queue<Json> raw = queueOf("unreadable", "\"text\"", "7");
    Queue<Integer> numbers = howdah.queue("unreadable", Integer.class);
    Pipeline<Integer> pipeline = Pipeline.of(message -> message.withPayload(message.payload() + 1));
    try (Worker worker = numbers.pipeline(pipeline, TWO)) {
      Eventually.is("one is done, one is dead", () -> worker.stats().done() == 1 && worker.stats().rejected() == 1);
    }
    assertThat(raw.deadLetters().list(LetterFilter.all(), 0, 10).getFirst().failure().reason())
        .isEqualTo("undecodable");
  }

  @Test
  void messagesOfAPartitionAreProcessedOneAfterTheOtherAndASlowOneStopsNobodyElse() throws InterruptedException {
    Queue<Json> queue = howdah.queue("partitions").create();
    queue.publishAllMessages(
        IntStream.range(0, 300).mapToObj(i -> Message.of(new Json(Integer.toString(i))).withKey("k" + i % 3)).toList());
    CountDownLatch slow = new CountDownLatch(1);
    Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    Map<String, List<Integer>> order = new ConcurrentHashMap<>();
    AtomicInteger overlaps = new AtomicInteger();
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      String key = String.valueOf(message.delivery().key());
      if (running.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet() > 1) {
        overlaps.incrementAndGet();
      }
      if (text(message).equals("0")) {
        slow.await(20, TimeUnit.SECONDS);
      }
      order.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>()).add(Integer.parseInt(text(message)));
      running.get(key).decrementAndGet();
      return message;
    }).partitionBy(Delivery::key);
    try (Worker worker = queue.pipeline(pipeline, PipelineOptions.defaults().withConcurrency(8))) {
      Eventually.is("others go on", () -> order.getOrDefault("k1", List.of()).size() > 2);
      assertThat(order).doesNotContainKey("k0");
      slow.countDown();
      Eventually.is("all are done", () -> worker.stats().done() == 300);
    }
    assertThat(overlaps).hasValue(0);
    for (String key : List.of("k0", "k1", "k2")) {
      assertThat(order.get(key)).hasSize(100).isSorted();
    }
  }

  @Test
  void whatIsPreparedGoesOnAsItWasPreparedAndWhatIsLeftOutHasFailed() {
    Queue<Json> queue = queueOf("prepared", "1", "2", "3");
    record Customer(String name) {
    }
    Map<String, String> seen = new ConcurrentHashMap<>();
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> {
      seen.put(text(message), message.attached(Customer.class).name());
      return message;
    }).prepare(messages -> messages.stream().filter(message -> !text(message).equals("3"))
        .map(message -> message.with(Customer.class, new Customer("customer " + text(message)))).toList());
    try (Worker worker = queue.pipeline(pipeline, TWO)) {
      Eventually.is("two are done", () -> worker.stats().done() == 2 && worker.stats().retried() == 1);
    }
    assertThat(seen).isEqualTo(Map.of("1", "customer 1", "2", "customer 2"));
    Queue<Json> failing = queueOf("unprepared", "1", "2");
    try (Worker worker = failing.pipeline(pipeline.prepare(messages -> {
      throw new IllegalStateException("on purpose");
    }), TWO)) {
      Eventually.is("all are retried", () -> worker.stats().retried() == 2);
    }
  }

  @Test
  void batchersCollectByNameAndKeyAndFailMessageByMessageOrAsAWhole() {
    Queue<Json> queue = queueOf("batches", "10", "11", "12", "20", "21", "30", "40");
    BlockingQueue<String> batches = new LinkedBlockingQueue<>();
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> switch (text(message).charAt(0)) {
      case '1' -> message.withBatchKey(text(message).equals("12") ? "other" : "same");
      case '2' -> message.to("throws");
      case '3' -> message.to("forgets");
      default -> message.to("nulls");
    }).batcher(PipelineBatcher.of(2, SHORT, batch -> {
      batches.add(batch.key() + " " + batch.trigger() + " " + batch.messages().size());
      return batch.messages().stream().map(message -> text(message).equals("11") ? message.failed("no") : message)
          .toList();
    })).batcher("throws", PipelineBatcher.of(2, Duration.ofSeconds(10), batch -> {
      throw new IllegalStateException("on purpose");
    })).batcher("forgets", PipelineBatcher.of(2, SHORT, batch -> List.of())).batcher("nulls",
        PipelineBatcher.of(2, SHORT, batch -> null));
    try (Worker worker = queue.pipeline(pipeline, PipelineOptions.defaults().withConcurrency(1))) {
      Eventually.is("two are done, five are retried",
          () -> worker.stats().done() == 2 && worker.stats().retried() == 5);
    }
    assertThat(batches).containsExactlyInAnyOrder("same SIZE 2", "other TIME 1");
  }

  @Test
  void theHookSeesWhatHasFailedAndMayChangeHowItIsAcknowledged() {
    Queue<Json> queue = queueOf("hook", "1", "2", "3", "4");
    BlockingQueue<String> failures = new LinkedBlockingQueue<>();
    Pipeline<Json> pipeline = Pipeline
        .<Json>of(message -> text(message).equals("4") ? message.failed("alone") : message)
        .batcher(PipelineBatcher.of(3, Duration.ofSeconds(10), batch -> {
          throw new IllegalStateException("on purpose");
        })).handleFailed(messages -> {
          messages.forEach(message -> failures.add(text(message) + " of " + messages.size()));
          if (messages.size() == 1) {
            throw new IllegalStateException("a hook that fails changes nothing");
          }
          return messages.stream().filter(message -> !text(message).equals("3"))
              .map(message -> message.onFailure(text(message).equals("1") ? Ack.archive() : Ack.done())).toList();
        });
    try (Worker worker = queue.pipeline(pipeline, TWO)) {
      Eventually.is("each is acknowledged as the hook says",
          () -> worker.stats().archived() == 1 && worker.stats().done() == 1 && worker.stats().retried() == 2);
    }
    assertThat(failures).containsExactlyInAnyOrder("4 of 1", "1 of 3", "2 of 3", "3 of 3");
  }

  @Test
  void aThousandKeysDoNotFillABatcherForGood() {
    Queue<Json> queue = howdah.queue("keys").create();
    queue.publishAll(IntStream.range(0, 1_000).mapToObj(i -> new Json(Integer.toString(i))).toList());
    Pipeline<Json> pipeline = Pipeline.<Json>of(message -> message.withBatchKey(text(message)))
        .batcher(PipelineBatcher.of(10, Duration.ofHours(1), batch -> batch.messages()));
    try (Worker worker = queue.pipeline(pipeline, TWO)) {
      Eventually.is("most have made room", () -> worker.stats().done() > 900);
      assertThat(worker.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(worker.stats().done() + queue.stats().ready()).isEqualTo(1_000);
    }
  }
}
