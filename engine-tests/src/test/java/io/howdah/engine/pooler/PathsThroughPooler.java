package io.howdah.engine.pooler;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.reject;
import static io.howdah.Outcome.release;
import static io.howdah.Outcome.retryIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.howdah.Batch;
import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Outcomes;
import io.howdah.Publisher;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.schema.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/**
 * Every path of the client, through a pooler that gives each transaction whatever server connection is free. Repeated often enough that
 * the driver would use server-prepared statements if it were let.
 */
interface PathsThroughPooler {
  Duration LEASE = Duration.ofSeconds(30);

  /** Connections through the pooler, which has no more than a few server connections. */
  DataSource pooled();

  private static Json json(int n) {
    return new Json(Integer.toString(n));
  }

  private static List<String> payloads(Batch<Json> batch) {
    return batch.deliveries().stream().map(Delivery::rawPayload).toList();
  }

  @Test
  default void schemaIsInstalledAndVerified() {
    for (int i = 0; i < 3; i++) {
      Schema.of(pooled()).install();
      assertThat(Schema.of(pooled()).verify().isClean()).isTrue();
    }
  }

  @Test
  default void messagesArePublishedOneByOneAndTogether() {
    try (Howdah howdah = Howdah.open(pooled())) {
      Queue<Json> queue = howdah.queue("published").create();
      for (int i = 0; i < 20; i++) {
        queue.publish(json(i));
      }
      queue.publishAll(IntStream.range(20, 40).mapToObj(PathsThroughPooler::json).toList());
      Batch<Json> batch = queue.claim(100, LEASE);
      assertThat(payloads(batch)).isEqualTo(IntStream.range(0, 40).mapToObj(Integer::toString).toList());
      batch.done();
      assertThat(queue.stats().inFlight()).isZero();
    }
  }

  @Test
  default void publishesInTheCallersTransactionCountIfItCommits() throws SQLException {
    try (Howdah howdah = Howdah.open(pooled()); Connection connection = pooled().getConnection()) {
      Queue<Json> queue = howdah.queue("transactional").create();
      connection.setAutoCommit(false);
      connection.unwrap(PGConnection.class).setPrepareThreshold(0); // else the driver prepares its own COMMIT
      for (int i = 0; i < 20; i++) {
        queue.in(connection).publish(json(i));
        queue.in(connection).publishAll(List.of(json(i), json(i)));
        if (i % 2 == 0) {
          connection.commit();
        } else {
          connection.rollback();
        }
      }
      assertThat(queue.stats().published()).isEqualTo(30);
    }
  }

  @Test
  default void publishersFuseSingleMessages() throws Exception {
    try (Howdah howdah = Howdah.open(pooled())) {
      Queue<Json> queue = howdah.queue("fused").create();
      List<CompletableFuture<UUID>> answers = new ArrayList<>();
      try (Publisher<Json> publisher = queue.publisher()) {
        for (int i = 0; i < 300; i++) {
          answers.add(publisher.publish(json(i)));
        }
      }
      Set<UUID> ids = new HashSet<>();
      for (CompletableFuture<UUID> answer : answers) {
        ids.add(answer.get(10, TimeUnit.SECONDS));
      }
      assertThat(ids).hasSize(300);
      assertThat(queue.stats().published()).isEqualTo(300);
    }
  }

  @Test
  default void everyOutcomeRenewAndReleaseReachTheirSlice() {
    try (Howdah howdah = Howdah.open(pooled())) {
      Queue<Json> queue = howdah.queue("settled").create();
      for (int round = 1; round <= 8; round++) {
        queue.publishAll(List.of(json(0), json(1), json(2), json(3)));
        Batch<Json> batch = queue.claim(10, LEASE);
        batch.renew();
        List<Delivery<Json>> all = batch.deliveries();
        batch.settle(Outcomes.each(all, List.of(done(), retryIn(Duration.ZERO, "again"), release(), reject("broken"))));
        List<String> back = new ArrayList<>();
        for (Batch<Json> again = queue.claim(10, LEASE); !again.isEmpty(); again = queue.claim(10, LEASE)) {
          back.addAll(payloads(again));
          again.done();
        }
        assertThat(back).containsExactlyInAnyOrder("1", "2");
        assertThat(queue.stats()).extracting("ready", "inFlight", "dead").containsExactly(0L, 0L, (long) round);
        queue.publish(json(9));
        assertThat(queue.claim(10, LEASE).release()).isTrue();
        Batch<Json> released = queue.claim(10, LEASE);
        assertThat(released.deliveries()).extracting(Delivery::rawPayload, Delivery::attempt)
            .containsExactly(tuple("9", 1));
        released.done();
      }
    }
  }

  @Test
  default void workersPollWhereTheBellCannotBeHeard() throws InterruptedException {
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Howdah howdah = Howdah.open(pooled())) {
      Queue<Json> queue = howdah.queue("worked").create();
      try (Worker worker = queue.consume(delivery -> {
        handled.add(delivery.rawPayload());
        return done();
      })) {
        for (int i = 0; i < 100; i++) {
          queue.publish(json(i));
          assertThat(handled.poll(10, TimeUnit.SECONDS)).isEqualTo(Integer.toString(i));
        }
        assertThat(worker.stats().outages()).isZero();
      }
      assertThat(queue.stats()).extracting("ready", "inFlight").containsExactly(0L, 0L);
    }
  }

  @Test
  default void workersThatTakeBatchesSettleThem() throws InterruptedException {
    LinkedBlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (Howdah howdah = Howdah.open(pooled())) {
      Queue<Json> queue = howdah.queue("batched").create();
      queue.publishAll(IntStream.range(0, 200).mapToObj(PathsThroughPooler::json).toList());
      try (Worker worker = queue.consumeBatches(batch -> {
        batch.forEach(delivery -> handled.add(delivery.rawPayload()));
        return Outcomes.done();
      })) {
        for (int i = 0; i < 200; i++) {
          assertThat(handled.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(worker.stats().failures()).isZero();
      }
      assertThat(queue.stats()).extracting("ready", "inFlight").containsExactly(0L, 0L);
      assertThat(queue.drop(false)).isTrue();
    }
  }
}
