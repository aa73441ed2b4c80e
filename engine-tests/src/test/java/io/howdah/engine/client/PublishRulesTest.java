package io.howdah.engine.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Message;
import io.howdah.Once;
import io.howdah.PublishRules;
import io.howdah.Published;
import io.howdah.Publisher;
import io.howdah.Queue;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Publishing makes the queue, unless that is switched off; and outside of a transaction it is refused if that is asked for. */
@HowdahTest
class PublishRulesTest {

  private static final Message<Json> MESSAGE = Message.of(new Json("1"));
  private static final PublishRules OUTBOX = PublishRules.defaults().withRequireTransaction(true);

  private final TestDatabase database;

  PublishRulesTest(TestDatabase database) {
    this.database = database;
  }

  private Howdah open(PublishRules rules) {
    return Howdah.open(database.dataSource(), HowdahOptions.defaults(), rules);
  }

  private static void refused(ErrorCode code, Runnable call) {
    assertThatExceptionOfType(HowdahException.class).isThrownBy(call::run)
        .satisfies(e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void publishingByTheHandleOfAQueueMakesIt() {
    try (Howdah howdah = open(PublishRules.defaults())) {
      howdah.queue("made-1").publish(MESSAGE);
      howdah.queue("made-2").publishAllMessages(List.of(MESSAGE, MESSAGE));
      howdah.queue("made-3").publishOnce(MESSAGE, Once.key("k"));
      CompletableFuture<UUID> stored;
      try (Publisher<Json> publisher = howdah.queue("made-4").publisher()) {
        stored = publisher.publish(MESSAGE);
      }
      assertThat(stored).isCompleted();
      for (int i = 1; i <= 4; i++) {
        assertThat(howdah.queue("made-" + i).stats().ready()).isEqualTo(i == 2 ? 2 : 1);
      }
    }
  }

  @Test
  void inATransactionItIsMadeWithItAndGoesWithItsRollback() throws SQLException {
    try (Howdah howdah = open(PublishRules.defaults());
        Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      Queue<Json> queue = howdah.queue("in-transaction");
      statement.execute("create table kept (n int)");
      queue.in(connection).publish(MESSAGE);
      queue.in(connection).publish(MESSAGE);
      connection.rollback();
      refused(ErrorCode.NOT_FOUND, queue::stats);

      statement.execute("create table kept (n int)");
      queue.in(connection).publishAllMessages(List.of(MESSAGE));
      connection.commit();
      assertThat(queue.stats().ready()).isEqualTo(1);
      queue.in(connection).publish(MESSAGE);
      connection.commit();
      assertThat(queue.stats().ready()).isEqualTo(2);
      assertThat(database.number("select count(*) from kept")).isZero();
    }
  }

  @Test
  void onAConnectionInAutoCommitItIsMadeToo() throws SQLException {
    try (Howdah howdah = open(PublishRules.defaults()); Connection connection = database.connect()) {
      howdah.queue("auto-commit").in(connection).publish(MESSAGE);
      assertThat(howdah.queue("auto-commit").stats().ready()).isEqualTo(1);
    }
  }

  @Test
  void aStreamAndWithCreationSwitchedOffAQueueAreNotMade() throws SQLException {
    try (Howdah howdah = open(PublishRules.defaults().withCreateQueues(false));
        Connection connection = database.connect()) {
      refused(ErrorCode.NOT_FOUND, () -> howdah.queue("not-made").publish(MESSAGE));
      refused(ErrorCode.NOT_FOUND, () -> howdah.queue("not-made").in(connection).publish(MESSAGE));
    }
    try (Howdah howdah = open(PublishRules.defaults())) {
      refused(ErrorCode.NOT_FOUND, () -> howdah.stream("no-stream").publish(MESSAGE));
    }
  }

  @Test
  void withRequireTransactionOnlyTheCallersTransactionWillDo() throws SQLException {
    try (Howdah howdah = open(OUTBOX); Connection connection = database.connect()) {
      Queue<Json> queue = howdah.queue("outbox").create();
      refused(ErrorCode.UNSUPPORTED, () -> queue.publish(MESSAGE));
      refused(ErrorCode.UNSUPPORTED, () -> queue.publishAllMessages(List.of(MESSAGE)));
      refused(ErrorCode.UNSUPPORTED, () -> queue.publishRouted(MESSAGE));
      refused(ErrorCode.UNSUPPORTED, () -> queue.publishOnce(MESSAGE, Once.key("k")));
      refused(ErrorCode.UNSUPPORTED, () -> queue.publishAllOnce(List.of(MESSAGE), m -> Once.key("k")));
      refused(ErrorCode.UNSUPPORTED, queue::publisher);
      refused(ErrorCode.UNSUPPORTED, () -> queue.in(connection).publish(MESSAGE));
      refused(ErrorCode.UNSUPPORTED, () -> howdah.stream("outbox").publish(MESSAGE));
      assertThat(queue.stats().published()).isZero();
      connection.setAutoCommit(false);
      queue.in(connection).publish(MESSAGE);
      queue.in(connection).publishOnce(MESSAGE, Once.key("k"));
      connection.commit();
      assertThat(queue.stats().ready()).isEqualTo(2);
    }
  }

  @Test
  void eachMessageOfABatchHasAKeyOfItsOwn() throws SQLException {
    try (Howdah howdah = open(PublishRules.defaults()); Connection connection = database.connect()) {
      Queue<Json> queue = howdah.queue("batch-once").create();
      List<Message<Json>> messages = List.of(MESSAGE.withKey("a"), MESSAGE.withKey("b"), MESSAGE.withKey("a"));
      List<Published> answers = queue.publishAllOnce(messages, m -> Once.key(String.valueOf(m.key())));
      assertThat(answers).extracting(Published::duplicate).containsExactly(false, false, true);
      assertThat(answers.getLast().id()).isEqualTo(answers.getFirst().id());
      assertThat(queue.in(connection).publishAllOnce(messages, m -> Once.key(String.valueOf(m.key()))))
          .allMatch(Published::duplicate);
      assertThat(queue.publishAllOnce(List.of(), m -> Once.key("x"))).isEmpty();
      refused(ErrorCode.INVALID, () -> queue.publishAllOnce(messages, List.of()));
      refused(ErrorCode.INVALID, () -> queue.publishAllOnce(messages,
          m -> "a".equals(m.key()) ? Once.key("c") : Once.key("d").withUntilDone()));
    }
  }

  @Test
  void aKeyCanBeHeldUntilItsMessageIsDone() {
    try (Howdah howdah = open(PublishRules.defaults())) {
      Queue<Json> queue = howdah.queue("until-done").create();
      Once once = Once.key("k").withUntilDone();
      assertThat(queue.publishOnce(MESSAGE, once).duplicate()).isFalse();
      assertThat(queue.publishOnce(MESSAGE, once).duplicate()).isTrue();
      queue.claim(1, java.time.Duration.ofSeconds(30)).done();
      assertThat(queue.publishOnce(MESSAGE, once).duplicate()).isFalse();
    }
  }
}
