package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A consuming process dies by kill -9 while it and another worker are busy. */
@HowdahTest
@SuppressWarnings("try") // publishers and workers do their work by being open
class KilledConsumerTest {
  private static final String OPEN_POSITIONS = """
      select generate_series(s.from_pos, s.to_pos) from howdah.slice s
      where s.owner = ? and s.n > 0
        and not exists (select from howdah.closed c where c.seg = s.seg and c.sub = s.sub and c.no = s.no)""";

  private final TestDatabase database;

  KilledConsumerTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void exactlyWhatItHadNotSettledIsDeliveredAgain() throws InterruptedException {
    Evidence evidence = new Evidence("orders");
    int again = 0;
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      howdah.queue("orders").create();
      try (Publishing publishers = Publishing.start(howdah, evidence, "publisher");
          Consuming survivor = Consuming.start(howdah, evidence, "survivor")) {
        for (int i = 0; i < 2; i++) {
          again += startAndKill(evidence, "victim" + i);
          evidence.awaitProgress(200);
        }
      }
      database.clock().advance(Remainder.ALL_LEASES);
      Remainder.consumeAndJudge(howdah, evidence);
    }
    assertThat(again).as("messages that a victim had in its hands when it died: without any, this run proves nothing")
        .isPositive();
  }

  /** Lets a consumer take part, kills it, and finds out from the database what it had not settled. */
  private int startAndKill(Evidence evidence, String name) throws InterruptedException {
    try (OtherJvm victim = OtherJvm.consumer(database.url(), evidence, name)) {
      Patience.until("deliveries to " + name, () -> evidence.deliveriesTo(name) > 150);
      victim.kill();
      Patience.until("the end of its last statement",
          () -> database.number(
              "select count(*) from pg_stat_activity where application_name = ? and datname = current_database()",
              name) == 0);
      Set<Long> open = new TreeSet<>();
      database.texts(OPEN_POSITIONS, name).forEach(position -> open.add(Long.valueOf(position)));
      for (OtherJvm.Received received : victim.deliveries()) {
        if (open.contains(received.delivery().position())) {
          evidence.voided(received.delivery().token());
        } else {
          evidence.ended(received);
        }
      }
      return open.size();
    }
  }
}
