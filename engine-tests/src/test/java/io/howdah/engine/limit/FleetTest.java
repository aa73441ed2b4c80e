package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.LimitOptions;
import io.howdah.Queue;
import io.howdah.engine.limit.Fleet.Handled;
import io.howdah.engine.limit.Fleet.Size;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What three processes that consume one queue do, by the times at which their handlers start and end. */
@HowdahTest
class FleetTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration RUN = Duration.ofSeconds(Boolean.getBoolean("howdah.long") ? 30 : 6);

  private final TestDatabase database;
  private final Howdah howdah;

  FleetTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource());
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Queue<Json> queue(String name, LimitOptions limits, int messages) {
    Queue<Json> queue = howdah.queue(name).create(limits);
    queue.publishAll(IntStream.rangeClosed(1, messages).mapToObj(i -> new Json(Integer.toString(i))).toList());
    return queue;
  }

  private static void await(Duration most, String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + most.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(5_000_000);
    }
  }

  static List<LimitOptions> limits() {
    return List.of(LimitOptions.none(), LimitOptions.none().withConcurrency(7),
        LimitOptions.none().withRate(1_000_000, Duration.ofDays(1)).withSingleActive(true),
        LimitOptions.none().withRate(3, Duration.ofMillis(1_500)).withConcurrency(1),
        LimitOptions.none().withKeyConcurrency(3), LimitOptions.none().withKeyRate(9, Duration.ofMinutes(1)),
        LimitOptions.none().withKeyRate(2, SECOND).withRate(8, SECOND).withKeyConcurrency(4).withoutRate());
  }

  @ParameterizedTest
  @MethodSource("limits")
  void theDatabaseKeepsLimitsAsTheyAre(LimitOptions limits) {
    Queue<Json> queue = howdah.queue("kept").create();
    queue.alter(limits);
    assertThat(queue.limits()).isEqualTo(limits);
    queue.drop(true);
    assertThat(queue.create(limits).limits()).isEqualTo(limits);
    howdah.subscription("kept").alter(LimitOptions.none());
    assertThat(howdah.subscription("kept").limits()).isEqualTo(LimitOptions.none());
    queue.drop(true);
  }

  @Test
  void neverMoreMessagesAreBeingHandledThanTheConcurrency() throws Exception {
    Queue<Json> queue = queue("concurrent", LimitOptions.none().withConcurrency(5), 600);
    try (Fleet fleet = Fleet.start(database, "concurrent", new Size(3, 8, Duration.ofMillis(20)))) {
      await(Duration.ofSeconds(60), "all are handled", () -> fleet.handled().size() >= 600);
      fleet.end();
      List<Handled> handled = fleet.byStart();
      assertThat(handled).hasSize(600);
      assertThat(Fleet.mostAtOnce(handled)).isBetween(3, 5);
    }
    assertThat(queue.stats().ready() + queue.stats().inFlight() + queue.stats().dead()).isZero();
  }

  /** By the database's clock; measured from when all processes are warm, over the time that machine and database had. */
  @ParameterizedTest
  @CsvSource({"50, 1", "100, 200"})
  void noSecondShowsMoreThanTheRateAndTheRateIsUsed(int rate, int workMillis) throws Exception {
    String name = "rate-" + rate;
    queue(name, LimitOptions.none().withRate(rate, SECOND), rate * (int) RUN.plusSeconds(60).toSeconds());
    try (Fleet fleet = Fleet.start(database, name, new Size(3, 16, Duration.ofMillis(workMillis)));
        Pulse pulse = Pulse.start(database)) {
      await(Duration.ofSeconds(60), "all are warm", () -> fleet.haveAllHandled(20));
      long stalled = pulse.stalledMicros();
      long from = HandedOut.now(database);
      long end = System.nanoTime() + RUN.toNanos();
      await(RUN.plusSeconds(30), "the run is over", () -> System.nanoTime() > end);
      long to = HandedOut.now(database);
      stalled = pulse.stalledMicros() - stalled;
      fleet.end();
      HandedOut handedOut = HandedOut.of(database, name, null);
      handedOut.assertNoSecondHasMoreThan(rate, name);
      handedOut.assertUsed(rate, from, to, stalled);
    }
  }

  @Test
  void oneProcessHoldsDeliveriesAndAnotherTakesOverWhenItIsKilled() throws Exception {
    queue("single", LimitOptions.none().withSingleActive(true), 100_000);
    try (Fleet fleet = Fleet.start(database, "single", new Size(3, 4, Duration.ofMillis(5), Duration.ofSeconds(2)))) {
      await(Duration.ofSeconds(60), "one has begun", () -> fleet.handled().size() > 200);
      String active = fleet.byStart().getLast().owner();
      fleet.kill(active);
      long end = fleet.byStart().getLast().end();
      await(Duration.ofSeconds(30), "another goes on",
          () -> fleet.handled().stream().anyMatch(each -> !each.owner().equals(active) && each.start() > end));
      fleet.end();
      List<Handled> handled = fleet.byStart();
      for (int i = 1; i < handled.size(); i++) {
        Handled before = handled.get(i - 1);
        Handled after = handled.get(i);
        if (!before.owner().equals(after.owner())) {
          assertThat(after.start()).as("%s after %s", after, before).isGreaterThanOrEqualTo(before.end());
        }
      }
    }
  }
}
