package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.Published;
import io.howdah.Queue;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@HowdahTest
class PublishOnceTest {

  private static final Message<Json> MESSAGE = Message.of(new Json("1"));

  private final TestDatabase database;

  PublishOnceTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void ofManyThreadsOnePublishes() throws Exception {
    try (Howdah howdah = Howdah.open(database.dataSource());
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      Queue<Json> queue = howdah.queue("once").create();
      for (int round = 0; round < 10; round++) {
        Once once = Once.key("round " + round);
        List<Callable<Published>> calls = IntStream.range(0, 8)
            .mapToObj(i -> (Callable<Published>) () -> queue.publishOnce(MESSAGE, once)).toList();
        List<Future<Published>> answers = threads.invokeAll(calls);
        int fresh = 0;
        for (Future<Published> answer : answers) {
          assertThat(answer.get().id()).isEqualTo(answers.getFirst().get().id());
          fresh += answer.get().duplicate() ? 0 : 1;
        }
        assertThat(fresh).isEqualTo(1);
      }
      assertThat(queue.stats().ready()).isEqualTo(10);
    }
  }

  @Test
  void aRollbackGivesTheKeyBack() throws Exception {
    try (Howdah howdah = Howdah.open(database.dataSource()); Connection connection = database.connect()) {
      Queue<Json> queue = howdah.queue("rolled-back").create();
      connection.setAutoCommit(false);
      assertThat(queue.in(connection).publishOnce(MESSAGE, Once.key("k")).duplicate()).isFalse();
      assertThat(queue.in(connection).publishOnce(MESSAGE, Once.key("k")).duplicate()).isTrue();
      connection.rollback();
      assertThat(queue.publishOnce(MESSAGE, Once.key("k")).duplicate()).isFalse();
      assertThat(queue.stats().ready()).isEqualTo(1);
    }
  }

  @Test
  void theCallersIdIsTheMessages() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("own-id").create();
      UUID id = UUID.randomUUID();
      assertThat(queue.publishOnce(MESSAGE, Once.id(id))).isEqualTo(new Published(id, false));
      assertThat(queue.publishOnce(MESSAGE, Once.id(id))).isEqualTo(new Published(id, true));
      assertThat(queue.peek(10)).extracting(delivery -> delivery.id()).containsExactly(id);
    }
  }

  @Test
  void theWindowOfTheQueueCounts() {
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      Queue<Json> queue = howdah.queue("window").create();
      queue.deduplicate(Duration.ofHours(1));
      queue.publishOnce(MESSAGE, Once.key("long"));
      queue.publishOnce(MESSAGE, Once.key("short").withWindow(Duration.ofMinutes(1)));
      database.clock().advance(Duration.ofMinutes(30));
      assertThat(queue.publishOnce(MESSAGE, Once.key("long")).duplicate()).isTrue();
      assertThat(queue.publishOnce(MESSAGE, Once.key("short")).duplicate()).isFalse();
    } finally {
      database.clock().reset();
    }
  }

  @Test
  void whatCannotBeIsRefused() {
    for (Runnable call : List.<Runnable>of(() -> Once.key(""), () -> Once.key("x".repeat(256)),
        () -> Once.key("k").withWindow(Duration.ZERO), () -> Once.key("k").withWindow(Duration.ofDays(31)))) {
      assertThatExceptionOfType(HowdahException.class).isThrownBy(call::run)
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }
  }
}
