package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.testkit.History;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A publishing process dies by kill -9 in the middle of its work, twice. */
@HowdahTest
@SuppressWarnings("try") // publishers and workers do their work by being open
class KilledPublisherTest {
  private static final int KILLS = 2;

  private final TestDatabase database;

  KilledPublisherTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void whatItWasToldIsStoredIsDeliveredOnceAndItsLastBatchWhollyOrNotAtAll() throws InterruptedException {
    Evidence evidence = new Evidence("orders");
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      howdah.queue("orders").create();
      try (Consuming worker = Consuming.start(howdah, evidence, "worker")) {
        for (int i = 0; i < KILLS; i++) {
          try (OtherJvm publisher = OtherJvm.publisher(database.url(), evidence, "victim" + i)) {
            evidence.awaitProgress(400);
            publisher.kill();
          }
        }
      }
      Patience.until("the end of the last statement that a victim had sent", () -> database.number(
          "select count(*) from pg_stat_activity where application_name like 'victim%' and datname = current_database()") == 0);
      database.clock().advance(Remainder.ALL_LEASES);
      Remainder.consumeAndJudge(howdah, evidence);
    }
    assertThat(deliveredOfEachBatch(evidence.history()))
        .allSatisfy((batch, messages) -> assertThat(messages).isEqualTo(20));
  }

  private static Map<String, Long> deliveredOfEachBatch(History history) {
    return history.events().stream().filter(History.Delivered.class::isInstance)
        .map(event -> ((History.Delivered) event).message()).filter(message -> message.contains("-batch")).distinct()
        .collect(
            Collectors.groupingBy(message -> message.substring(0, message.lastIndexOf('-')), Collectors.counting()));
  }
}
