package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Operations;
import io.howdah.Outcome;
import io.howdah.PurgeFilter;
import io.howdah.Queue;
import io.howdah.QueueState;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(120)
class OperationsTest {
  private final TestDatabase database;
  private final Howdah howdah;
  private final Queue<Json> queue;
  private final Operations operations;

  OperationsTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
    this.queue = howdah.queue("operated");
    this.operations = queue.operations();
  }

  @BeforeEach
  void queue() {
    queue.drop(true);
    queue.create();
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  @Test
  void aPauseHoldsForWorkersOfAllProcessesAndAResumeWakesThem() throws Exception {
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Howdah other = Howdah.open(database.dataSource());
        Worker worker = other.queue("operated").consume(delivery -> {
          handled.add(delivery.rawPayload());
          return Outcome.done();
        })) {
      queue.publish(new Json("1"));
      assertThat(handled.poll(30, TimeUnit.SECONDS)).as("%s", worker.stats()).isEqualTo("1");
      assertThat(operations.pause()).isTrue();
      assertThat(operations.isPaused()).isTrue();
      queue.publish(new Json("2"));
      assertThat(queue.claim(1, Duration.ofSeconds(30)).size()).isZero();
      assertThat(queue.stats().ready()).isEqualTo(1);
      assertThat(handled).isEmpty();
      assertThat(operations.resume()).isTrue();
      assertThat(handled.poll(30, TimeUnit.SECONDS)).isEqualTo("2");
    }
  }

  @Test
  void theStateIsAValue() {
    assertThat(operations.state()).isEqualTo(QueueState.Empty.EMPTY);
    queue.publish(Message.of(new Json("1")).withDelay(Duration.ofHours(1)));
    assertThat(operations.state()).isInstanceOf(QueueState.Later.class);
    queue.publish(new Json("2"));
    assertThat(operations.state()).isEqualTo(QueueState.Ready.READY);
  }

  @Test
  void aPurgeCountsAndRemoves() {
    queue.publish(Message.of(new Json("1")).withTopic("a.b").withKey("k"));
    queue.publish(Message.of(new Json("2")).withTopic("a.b"));
    queue.publish(new Json("3"));
    PurgeFilter filter = PurgeFilter.all().withTopic("a.#").withKey("k");
    assertThat(operations.countPurgeable(filter)).isEqualTo(1);
    assertThat(operations.purge(filter)).isEqualTo(1);
    assertThat(queue.stats().ready()).isEqualTo(2);
    assertThat(operations.purge()).isEqualTo(2);
    assertThat(queue.stats().ready()).isZero();
    assertThatThrownBy(() -> PurgeFilter.all().withTopic("a*")).isInstanceOf(HowdahException.class);
  }

  @Test
  void aWorkerThatIsWokenLooksAtOnce() throws Exception {
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    HowdahOptions deaf = HowdahOptions.defaults().withPollInterval(Duration.ofMinutes(5));
    try (Howdah other = Howdah.open(database.dataSource(), deaf);
        Worker worker = other.queue("operated").consume(delivery -> {
          handled.add(delivery.rawPayload());
          return Outcome.done();
        })) {
      Eventually.is("the worker sleeps",
          () -> database.number("select count(*) from howdah.sleeper where until > howdah.now()") > 0);
      database.query("select howdah.publish('operated', '1')");
      worker.wake();
      assertThat(handled.poll(30, TimeUnit.SECONDS)).isEqualTo("1");
      database.query("select howdah.publish('operated', '2')");
      operations.wake();
      assertThat(handled.poll(30, TimeUnit.SECONDS)).isEqualTo("2");
    }
  }
}
