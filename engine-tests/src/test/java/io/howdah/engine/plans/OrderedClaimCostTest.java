package io.howdah.engine.plans;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a claim of an ordered queue costs, in pages: what is due and in flight, not how many keys wait for a retry. */
@HowdahTest
class OrderedClaimCostTest {
  private static final int FEW = 10;
  private static final int MANY = 10_000;

  private final TestDatabase database;

  OrderedClaimCostTest(TestDatabase database) {
    this.database = database;
  }

  @AfterEach
  void resetClock() {
    database.clock().reset();
  }

  /** Two messages of each key, of which the first fails and comes again after its delay; the second waits behind it. */
  private void createWithBlocked(String queue, String ordering, int keys) throws SQLException {
    database.query("select howdah.create_queue(?, json_build_object('ordering', ?::text))", queue, ordering);
    for (int round = 0; round < 2; round++) {
      database.query("""
          select cardinality(howdah.publish_many(?, array_agg('1'::text), keys => array_agg('key' || n)))
          from generate_series(1, ?) n""", queue, keys);
    }
    database.query("""
        do $$
        begin
          loop
            perform howdah.settle(min(token), array_agg(position), array_agg('retry'::text), array_agg('1 h'::interval))
            from howdah.claim('%s', 10000)
            having count(*) > 0;
            exit when not found;
            commit;
          end loop;
        end
        $$""".formatted(queue));
    assertThat(database.number("select count(*) from howdah.blocked_keys(?, 100)", queue))
        .isEqualTo(Math.min(keys, 100));
    for (int claims = 0; claims < MANY / 100; claims++) {
      database.query("select * from howdah.claim(?, 1)", queue);
    }
  }

  private void publishFree(String queue) {
    database.query("select howdah.publish(?, '2', key => 'free')", queue);
  }

  private long pagesOfClaims(String queue) throws SQLException {
    try (Probe probe = new Probe(database)) {
      return probe.usualPages("select * from howdah.claim('" + queue + "', 10)");
    }
  }

  private long pagesOfAClaimThatFindsOne(String queue) throws SQLException {
    try (Probe probe = new Probe(database)) {
      String pop = "select * from howdah.pop('" + queue + "')";
      publishFree(queue);
      probe.pages(pop);
      publishFree(queue);
      return probe.pages(pop);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "job"})
  void aThousandTimesTheBlockedKeysDoNotMakeAClaimDearer(String ordering) throws SQLException {
    createWithBlocked("few." + ordering, ordering, FEW);
    createWithBlocked("many." + ordering, ordering, MANY);
    database.query("vacuum howdah.lane, howdah.parked, howdah.blocked");
    long few = pagesOfClaims("few." + ordering);
    long many = pagesOfClaims("many." + ordering);
    assertThat(many).as("pages of a claim that finds nothing, against %d", few).isLessThan(few * 2);
    few = pagesOfAClaimThatFindsOne("few." + ordering);
    many = pagesOfAClaimThatFindsOne("many." + ordering);
    assertThat(many).as("pages of a claim that finds one, against %d", few).isLessThan(few * 2);
    database.query("analyze");
    assertThat(pagesOfClaims("many." + ordering)).as("pages with fresh statistics, against %d", few)
        .isLessThan(few * 2);
    database.clock().advance(Duration.ofHours(2));
    few = pagesOfClaims("few." + ordering);
    many = pagesOfClaims("many." + ordering);
    assertThat(many).as("pages of a claim when all are due at once, against %d", few).isLessThan(few * 2);
  }
}
