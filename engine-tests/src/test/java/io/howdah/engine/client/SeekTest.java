package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.SeekResult;
import io.howdah.StartPosition;
import io.howdah.Stream;
import io.howdah.Subscription;
import io.howdah.Worker;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@HowdahTest
@Timeout(120)
class SeekTest {
  private final Howdah howdah;

  SeekTest(TestDatabase database) {
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private static List<Long> positions(Subscription<Json> subscription) {
    try (Batch<Json> batch = subscription.claim(100, Duration.ofMinutes(1))) {
      batch.done();
      return batch.deliveries().stream().map(Delivery::position).toList();
    }
  }

  @Test
  void aSubscriptionStartsAtATimeOrAPosition() {
    Stream<Json> stream = howdah.stream("started").create();
    for (int i = 1; i <= 3; i++) {
      stream.publish(new Json(String.valueOf(i)));
    }
    assertThat(positions(stream.subscribe("second", StartPosition.at(2)))).containsExactly(2L, 3L);
    assertThat(positions(stream.subscribe("since", StartPosition.at(Instant.EPOCH)))).containsExactly(1L, 2L, 3L);
    assertThat(positions(stream.subscribe("now", StartPosition.now()))).isEmpty();
    assertThatThrownBy(() -> StartPosition.at(0)).isInstanceOf(HowdahException.class).hasMessageContaining("position");
    assertThatExceptionOfType(HowdahException.class)
        .isThrownBy(() -> stream.subscribe("future", StartPosition.at(Instant.parse("2999-01-01T00:00:00Z"))))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
  }

  @Test
  void aWorkerGetsWhatASeekBringsBack() throws Exception {
    Queue<Json> queue = howdah.queue("sought").create();
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Worker worker = queue.consume(delivery -> {
      handled.add(delivery.rawPayload());
      return Outcome.done();
    })) {
      queue.publish(new Json("1"));
      assertThat(handled.poll(30, TimeUnit.SECONDS)).as("%s", worker.state()).isEqualTo("1");
      Eventually.is("it is settled", () -> queue.stats().inFlight() == 0);
      assertThat(queue.operations().seek(StartPosition.beginning())).isEqualTo(new SeekResult(1, 1, 0));
      assertThat(handled.poll(30, TimeUnit.SECONDS)).isEqualTo("1");
    }
  }

  @Test
  void theBatchOfBeforeHasLapsedAndWhatIsUnsettledIsDroppedOnRequest() {
    Queue<Json> queue = howdah.queue("dropped").create();
    queue.publish(new Json("1"));
    queue.publish(new Json("2"));
    try (Batch<Json> batch = queue.claim(1, Duration.ofMinutes(1))) {
      assertThat(queue.operations().seekAndDropUnsettled(StartPosition.at(2))).isEqualTo(new SeekResult(2, 0, 1));
      assertThatExceptionOfType(HowdahException.class).isThrownBy(batch::done)
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.LAPSED));
    }
    assertThat(positions(howdah.subscription("dropped"))).containsExactly(2L);
  }

  @Test
  void aShadowReadsWhatItsOriginalHasRead() {
    Queue<Json> queue = howdah.queue("original").create();
    queue.publish(new Json("1"));
    assertThat(positions(howdah.subscription("original"))).hasSize(1);
    assertThat(positions(queue.shadow("shadow", StartPosition.beginning()))).containsExactly(1L);
    assertThat(positions(howdah.subscription("shadow").shadow("shadow2", StartPosition.at(1)))).containsExactly(1L);
    assertThat(queue.stats().ready()).isZero();
  }
}
