package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.Batch;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Json;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.testkit.FaultProxy;
import io.howdah.testkit.FaultProxy.Direction;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection is cut or stalls at the worst moments. The client goes through a proxy, the test looks past it. */
@HowdahTest
@SuppressWarnings("try") // publishers and workers do their work by being open
class LostConnectionTest {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Json PAYLOAD = new Json("1");

  private final TestDatabase database;
  private final FaultProxy proxy;
  private final Howdah howdah;

  LostConnectionTest(TestDatabase database) {
    this.database = database;
    this.proxy = FaultProxy.to(database);
    this.howdah = Howdah.open(proxy.dataSource(),
        HowdahOptions.defaults().withListen(false).withRing(false).withStatementTimeout(Duration.ofSeconds(1)));
  }

  @BeforeEach
  void connect() {
    database.query("select howdah.drop_queue('orders', true)");
    database.query("select howdah.create_queue('orders')");
    howdah.stats();
  }

  @AfterEach
  void disconnect() {
    howdah.close();
    proxy.close();
    database.clock().reset();
  }

  private Queue<Json> orders() {
    return howdah.queue("orders");
  }

  private long stored() {
    return database.number("select published from howdah.stats('orders')");
  }

  @Test
  void aPublishWhoseAnswerIsCutOffIsReportedAsUnknownAndStoredOnce() throws Exception {
    proxy.stall(Direction.TO_CLIENT);
    CompletableFuture<?> publish = CompletableFuture.runAsync(() -> orders().publish(PAYLOAD));
    Patience.until("the message is stored", () -> stored() == 1);
    proxy.cut();
    proxy.resume();
    assertUnknown(publish);
    assertThat(stored()).isEqualTo(1);
    orders().publish(PAYLOAD);
    assertThat(stored()).isEqualTo(2);
  }

  @Test
  void aPublishThatNeverReachesTheServerIsReportedAsUnknownAndNotStored() throws Exception {
    proxy.stall(Direction.TO_SERVER);
    CompletableFuture<?> publish = CompletableFuture.runAsync(() -> orders().publish(PAYLOAD));
    assertUnknown(publish);
    proxy.cut();
    proxy.resume();
    orders().publish(PAYLOAD);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void aPublishThatFindsNoServerSaysThatNothingWasSent() {
    proxy.refuse();
    proxy.cut();
    Patience.until("every connection is cut", () -> proxy.connections() == 0);
    assertThatExceptionOfType(HowdahException.class).isThrownBy(this::publishUntilRefused).satisfies(e -> {
      assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(e).hasMessageStartingWith("no connection to PostgreSQL, nothing was sent");
    });
    assertThat(stored()).isZero();
    proxy.resume();
    orders().publish(PAYLOAD);
    assertThat(stored()).isEqualTo(1);
  }

  /** The first publish may still try a connection that was kept from before the cut; then it cannot know. */
  private void publishUntilRefused() {
    try {
      orders().publish(PAYLOAD);
    } catch (HowdahException e) {
      if (!e.getMessage().startsWith("outcome unknown")) {
        throw e;
      }
      orders().publish(PAYLOAD);
    }
  }

  @Test
  void aSettleWhoseAnswerIsCutOffHasHappened() throws Exception {
    orders().publish(PAYLOAD);
    Batch<Json> batch = orders().claim(1, LEASE);
    proxy.stall(Direction.TO_CLIENT);
    CompletableFuture<?> settle = CompletableFuture.runAsync(batch::done);
    Patience.until("the message is settled",
        () -> database.number("select in_flight from howdah.stats('orders')") == 0);
    proxy.cut();
    proxy.resume();
    assertUnknown(settle);
    assertThatExceptionOfType(HowdahException.class).isThrownBy(() -> batch.settle(Outcomes.done()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.LAPSED));
    database.clock().advance(LEASE.multipliedBy(2));
    assertThat(orders().claim(10, LEASE).deliveries()).isEmpty();
  }

  @Test
  void aSettleThatNeverReachesTheServerLeavesTheMessageUnderItsLeaseAndItComesBack() throws Exception {
    orders().publish(PAYLOAD);
    Batch<Json> batch = orders().claim(1, LEASE);
    proxy.stall(Direction.TO_SERVER);
    CompletableFuture<?> settle = CompletableFuture.runAsync(batch::done);
    assertUnknown(settle);
    proxy.cut();
    proxy.resume();
    assertThat(database.number("select in_flight from howdah.stats('orders')")).isEqualTo(1);
    database.clock().advance(LEASE.multipliedBy(2));
    assertThat(orders().claim(10, LEASE).deliveries()).singleElement()
        .satisfies(delivery -> assertThat(delivery.attempt()).isEqualTo(2));
    assertThatExceptionOfType(HowdahException.class).isThrownBy(batch::done)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.LAPSED));
  }

  @Test
  void aTransactionWhoseConnectionIsCutBeforeItsCommitPublishesNothing() throws Exception {
    try (Connection connection = proxy.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      orders().in(connection).publishAll(List.of(PAYLOAD, PAYLOAD));
      proxy.cut();
      assertThatExceptionOfType(SQLException.class).isThrownBy(connection::commit);
    }
    assertThat(stored()).isZero();
  }

  @Test
  void publishersAndWorkersGoOnAfterEveryCutAndNothingIsLostOrHandledTwice() {
    Evidence evidence = new Evidence("orders");
    try (Publishing publishers = Publishing.start(howdah, evidence, "publisher");
        Consuming worker = Consuming.start(howdah, evidence, "worker")) {
      for (int i = 0; i < 10; i++) {
        evidence.awaitProgress(100);
        proxy.cut();
      }
      evidence.awaitProgress(100);
    }
    database.clock().advance(Remainder.ALL_LEASES);
    Remainder.consumeAndJudge(howdah, evidence);
  }

  private static void assertUnknown(CompletableFuture<?> call) throws InterruptedException, TimeoutException {
    try {
      call.get(10, TimeUnit.SECONDS);
      throw new AssertionError("the call was answered");
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOfSatisfying(HowdahException.class, failure -> {
        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure).hasMessageStartingWith("outcome unknown");
      });
    }
  }
}
