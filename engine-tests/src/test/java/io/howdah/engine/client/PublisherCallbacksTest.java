package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Publisher;
import io.howdah.PublisherOptions;
import io.howdah.Queue;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What users hang on a publisher, futures and listeners, never stops it. */
@HowdahTest
class PublisherCallbacksTest {

  private static final PublisherOptions ONE_LANE = PublisherOptions.defaults().withLanes(1)
      .withTimeout(Duration.ofSeconds(30));

  private static final class Unreadable extends Error {
    @Override
    public String toString() {
      throw new IllegalStateException("on purpose");
    }
  }

  private final Howdah howdah;
  private final Queue<Json> queue;

  PublisherCallbacksTest(TestDatabase database) {
    this.howdah = Howdah.open(database.dataSource());
    this.queue = howdah.queue("callbacks");
  }

  @BeforeEach
  void create() {
    queue.drop(true);
    queue.create();
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private static void ends(CompletableFuture<?>... futures) throws Exception {
    CompletableFuture.allOf(futures).get(60, TimeUnit.SECONDS);
  }

  private static CompletableFuture<?>[] twenty(java.util.function.IntFunction<CompletableFuture<?>> each) {
    return IntStream.range(0, 20).mapToObj(each).toArray(CompletableFuture[]::new);
  }

  @Test
  void whatDependsOnAFutureMayPublishAndWait() throws Exception {
    try (Publisher<Json> publisher = queue.publisher(ONE_LANE)) {
      ends(twenty(i -> publisher.publish(new Json("1")).thenRun(() -> publisher.publish(new Json("2")).join())));
    }
    assertThat(queue.stats().ready()).isEqualTo(40);
  }

  @Test
  void whatDependsOnAFutureMayFlushAndWaitForAnotherOfTheSameBatch() throws Exception {
    try (Publisher<Json> publisher = queue.publisher(ONE_LANE.withFlushInterval(Duration.ofMillis(50)))) {
      CompletableFuture<UUID> first = publisher.publish(new Json("1"));
      CompletableFuture<UUID> second = publisher.publish(new Json("2"));
      ends(first.thenRun(second::join), second.thenRun(first::join), first.thenRun(publisher::flush));
      publisher.flush();
      assertThat(publisher.stats().pending()).isZero();
    }
  }

  @Test
  void aListenerOrACallbackThatThrowsAnythingStopsNothing() throws Exception {
    try (Publisher<Json> publisher = queue.publisher(ONE_LANE, unpublished -> {
      throw new AssertionError("on purpose: the listener");
    })) {
      assertThatThrownBy(() -> publisher.publish(new Json("not json")).get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class).hasCauseInstanceOf(HowdahException.class);
      CompletableFuture<UUID> stored = publisher.publish(new Json("1"));
      CompletableFuture<?>[] broken = twenty(i -> stored.thenRun(() -> {
        throw new Unreadable();
      }));
      assertThat(broken).hasSize(20);
      ends(stored, publisher.publish(new Json("2")));
    }
    assertThat(queue.stats().ready()).isEqualTo(2);
  }
}
