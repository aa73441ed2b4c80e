package io.howdah.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;

/** Somebody ends server processes at random, one after every few messages, while publishers and workers are busy. */
@HowdahTest
@SuppressWarnings("try") // publishers and workers do their work by being open
class TerminatedBackendsTest {
  private static final int TERMINATIONS = 40;
  private static final int MESSAGES_BETWEEN = 40;
  private static final String TERMINATE_ONE = """
      select count(pg_terminate_backend(pid)) from (
        select pid from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
        order by state = 'active' desc, random() limit 1) victim""";

  private final TestDatabase database;

  TerminatedBackendsTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void nothingIsLostOrHandledTwiceAndEveryUnknownOutcomeIsCalledUnknown() {
    Evidence evidence = new Evidence("orders");
    long terminated = 0;
    try (Howdah howdah = Howdah.open(database.dataSource())) {
      howdah.queue("orders").create();
      try (Publishing publishers = Publishing.start(howdah, evidence, "publisher");
          Consuming one = Consuming.start(howdah, evidence, "one");
          Consuming two = Consuming.start(howdah, evidence, "two")) {
        for (int i = 0; i < TERMINATIONS; i++) {
          evidence.awaitProgress(MESSAGES_BETWEEN);
          terminated += database.number(TERMINATE_ONE);
        }
        evidence.awaitProgress(MESSAGES_BETWEEN);
      }
      database.clock().advance(Remainder.ALL_LEASES);
      Remainder.consumeAndJudge(howdah, evidence);
    }
    assertThat(terminated).isEqualTo(TERMINATIONS);
    assertThat(evidence.unknowns()).as("publishes cut in the middle: without any, this run proves nothing")
        .isPositive();
  }
}
