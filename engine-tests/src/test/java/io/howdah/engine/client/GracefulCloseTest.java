package io.howdah.engine.client;

import static io.howdah.Outcome.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@HowdahTest
class GracefulCloseTest {

  private static final WorkerOptions TWO_HANDS = WorkerOptions.defaults().withConcurrency(2);

  private final Howdah howdah;

  GracefulCloseTest(TestDatabase database) {
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Queue<Json> queueOf(String name, int messages) {
    Queue<Json> queue = howdah.queue(name).create();
    List<Json> payloads = IntStream.range(0, messages).mapToObj(i -> new Json(Integer.toString(i))).toList();
    queue.publishAll(payloads);
    return queue;
  }

  @Test
  void handlersFinishAndAreSettledAndTheRestIsHandedBackUncounted() throws Exception {
    Queue<Json> queue = queueOf("graceful", 6);
    CountDownLatch started = new CountDownLatch(2);
    CountDownLatch finish = new CountDownLatch(1);
    Worker worker = queue.consume(delivery -> {
      started.countDown();
      finish.await(20, TimeUnit.SECONDS);
      return done();
    }, TWO_HANDS);
    assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();

    Thread closing = Thread.ofVirtual().start(() -> worker.close(Duration.ofSeconds(20)));
    Eventually.is("what is not started is there for others", () -> queue.stats().ready() == 4);
    finish.countDown();
    assertThat(closing.join(Duration.ofSeconds(20))).isTrue();

    assertThat(worker.stats().done()).isEqualTo(2);
    assertThat(queue.stats().inFlight()).isZero();
    assertThat(queue.claim(10, Duration.ofSeconds(30)).deliveries()).hasSize(4).extracting(Delivery::attempt)
        .containsOnly(1);
    worker.close();
  }

  @Test
  void whoeverDoesNotFinishInTheGraceIsInterruptedAndItsMessageReleased() throws Exception {
    Queue<Json> queue = queueOf("interrupted", 2);
    CountDownLatch started = new CountDownLatch(2);
    Worker worker = queue.consume(delivery -> {
      started.countDown();
      new CountDownLatch(1).await(60, TimeUnit.SECONDS);
      return done();
    }, TWO_HANDS);
    assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();

    worker.close(Duration.ofMillis(50));

    assertThat(worker.stats().released()).isEqualTo(2);
    assertThat(worker.stats().failures()).isZero();
    assertThat(queue.stats().ready()).isEqualTo(2);
    assertThat(queue.stats().inFlight()).isZero();
  }

  @Test
  void evenAHandlerThatHeedsNoInterruptDoesNotHoldUpTheClose() throws Exception {
    Queue<Json> queue = queueOf("stubborn", 1);
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Worker worker = queue.consume(delivery -> {
      started.countDown();
      while (finish.getCount() > 0) {
        try {
          finish.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          continue; // that is the point
        }
      }
      return done();
    });
    assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();

    worker.close(Duration.ZERO);

    assertThat(queue.stats().ready()).isEqualTo(1);
    finish.countDown();
  }

  @Test
  void closingTheHowdahClosesItsWorkers() {
    Queue<Json> queue = queueOf("door", 100);
    Worker worker = queue.consume(delivery -> done());
    Eventually.is("all are done", () -> worker.stats().done() == 100);

    howdah.close();

    worker.close();
  }
}
