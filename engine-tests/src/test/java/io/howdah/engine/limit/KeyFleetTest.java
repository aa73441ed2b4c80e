package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.LimitOptions;
import io.howdah.Message;
import io.howdah.Queue;
import io.howdah.engine.limit.Fleet.Handled;
import io.howdah.engine.limit.Fleet.Size;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What three processes that consume one queue do whose keys are limited. */
@HowdahTest
class KeyFleetTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final boolean LONG = Boolean.getBoolean("howdah.long");
  private static final Duration RUN = Duration.ofSeconds(LONG ? 30 : 6);

  private final TestDatabase database;
  private final Howdah howdah;

  KeyFleetTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  /** Messages whose payloads are key, dash, number; those of the keys take turns. */
  private static List<Message<Json>> messages(List<String> keys, int each) {
    List<Message<Json>> messages = new ArrayList<>();
    for (int i = 1; i <= each; i++) {
      for (String key : keys) {
        messages.add(Message.of(new Json("\"" + key + "-" + i + "\"")).withKey(key));
      }
    }
    return messages;
  }

  private static List<Handled> of(List<Handled> handled, String key) {
    return handled.stream().filter(each -> each.message().startsWith("\"" + key + "-")).toList();
  }

  private static void await(Duration most, String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + most.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Test
  void neverMoreMessagesOfAKeyAreBeingHandledThanItsConcurrency() throws Exception {
    List<String> keys = List.of("a", "b", "c", "d", "e");
    Queue<Json> queue = howdah.queue("concurrent").create(LimitOptions.none().withKeyConcurrency(2));
    queue.publishAllMessages(messages(keys, 120));
    try (Fleet fleet = Fleet.start(database, "concurrent", new Size(3, 8, Duration.ofMillis(20)))) {
      await(Duration.ofSeconds(60), "all are handled", () -> fleet.handled().size() >= 600);
      fleet.end();
      List<Handled> handled = fleet.byStart();
      assertThat(handled.stream().map(Handled::message).distinct()).hasSize(600);
      assertThat(handled).hasSize(600);
      for (String key : keys) {
        assertThat(Fleet.mostAtOnce(of(handled, key))).as(key).isEqualTo(2);
      }
      assertThat(Fleet.mostAtOnce(handled)).as("of all keys").isGreaterThan(4);
    }
    assertThat(queue.stats().ready() + queue.stats().inFlight() + queue.stats().dead()).isZero();
  }

  /**
   * By the database's clock; measured from when all processes are warm, over the time that machine and database had. That
   * 95 % of a rate are used is promised over half a minute, so only the long mode looks at that; {@code KeyRateTest} does on
   * a clock of its own.
   */
  @Test
  void noSecondShowsMoreOfAKeyThanItsRateAndTheRateOfEachKeyIsUsed() throws Exception {
    List<String> keys = List.of("a", "b", "c");
    int rate = 10;
    howdah.queue("rate").create(LimitOptions.none().withKeyRate(rate, SECOND).withKeyConcurrency(3))
        .publishAllMessages(messages(keys, rate * (int) RUN.plusSeconds(60).toSeconds()));
    try (Fleet fleet = Fleet.start(database, "rate", new Size(3, 8, Duration.ofMillis(10)));
        Pulse pulse = Pulse.start(database)) {
      await(Duration.ofSeconds(60), "all are warm", () -> fleet.haveAllHandled(20));
      long stalled = pulse.stalledMicros();
      long from = HandedOut.now(database);
      long end = System.nanoTime() + RUN.toNanos();
      await(RUN.plusSeconds(30), "the run is over", () -> System.nanoTime() > end);
      long to = HandedOut.now(database);
      stalled = pulse.stalledMicros() - stalled;
      fleet.end();
      for (String key : keys) {
        HandedOut handedOut = HandedOut.of(database, "rate", key);
        handedOut.assertNoSecondHasMoreThan(rate, key);
        if (LONG) {
          handedOut.assertUsed(rate, from, to, stalled);
        }
        assertThat(Fleet.mostAtOnce(of(fleet.byStart(), key))).as(key).isLessThanOrEqualTo(3);
      }
    }
  }

  @Test
  void noKeyWaitsForAnother() throws Exception {
    List<String> others = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      others.add("other" + i);
    }
    Queue<Json> queue = howdah.queue("hot").create(LimitOptions.none().withKeyRate(10, SECOND).withKeyConcurrency(1));
    queue.publishAllMessages(messages(List.of("hot"), 2000));
    queue.publishAllMessages(messages(others, 4));
    try (Fleet fleet = Fleet.start(database, "hot", new Size(3, 8, Duration.ofMillis(5)))) {
      await(Duration.ofSeconds(60), "the others are handled",
          () -> fleet.handled().stream().filter(each -> each.message().startsWith("\"other")).count() >= 200);
      fleet.end();
      List<Handled> handled = fleet.byStart();
      assertThat(of(handled, "hot")).as("of the hot key, meanwhile").hasSizeLessThan(600);
      assertThat(Fleet.mostAtOnce(of(handled, "hot"))).isEqualTo(1);
    }
  }
}
