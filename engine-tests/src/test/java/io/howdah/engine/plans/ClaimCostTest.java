package io.howdah.engine.plans;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a claim costs, in pages of the database that it touches: that does not depend on how busy the machine is. */
@HowdahTest
class ClaimCostTest {
  private static final int SMALL = 1_000;
  private static final int MEDIUM = 20_000;
  private static final int LARGE = 100_000;

  private final TestDatabase database;

  ClaimCostTest(TestDatabase database) {
    this.database = database;
  }

  private long pagesOfClaims(String queue, int quantity) throws SQLException {
    try (Probe probe = new Probe(database)) {
      return probe.usualPages("select * from howdah.claim('" + queue + "', " + quantity + ")");
    }
  }

  private void createWithBacklog(String queue, int messages) {
    database.query("select howdah.create_queue(?)", queue);
    Backlog.publish(database, queue, messages);
  }

  @Test
  void aHundredTimesTheBacklogDoesNotMakeAClaimDearer() throws SQLException {
    createWithBacklog("small", SMALL);
    createWithBacklog("large", LARGE);
    long few = pagesOfClaims("small", 100);
    long many = pagesOfClaims("large", 100);
    assertThat(many).as("pages with %d waiting, against %d with %d waiting", LARGE, few, SMALL).isLessThan(few * 2);
    assertThat(many).as("pages for 100 messages").isLessThan(1_000);
  }

  @Test
  void whatIsSettledOfASliceIsReadOnceAndNotForEachMessage() throws SQLException {
    createWithBacklog("whole", MEDIUM);
    assertThat(pagesOfClaims("whole", 1_000)).as("pages for 1,000 messages").isLessThan(1_000);
  }

  @Test
  void aThousandSettledSlicesDoNotMakeAClaimDearer() throws SQLException {
    createWithBacklog("new", SMALL);
    createWithBacklog("worn", MEDIUM);
    long before = pagesOfClaims("new", 10);
    Backlog.settleSlices(database, "worn", 1_000, 10);
    long after = pagesOfClaims("worn", 10);
    assertThat(after).as("pages after 1,000 settled slices, against %d before", before).isLessThan(before * 2);
  }

  @Test
  void aClaimAsksOnlyOfOpenSlicesWhetherTheyAreClosed() throws SQLException {
    createWithBacklog("closed", SMALL);
    Backlog.settleSlices(database, "closed", 200, 2);
    try (Probe probe = new Probe(database)) {
      probe.pages("select * from howdah.claim('closed', 2)");
      assertThat(probe.rowsFetched("closed", "select * from howdah.claim('closed', 2)")).as("rows of closed, of 200")
          .isLessThan(20);
    }
  }

  @Test
  void aConsumerThatKeepsAMessageForLongDoesNotMakeClaimsDearer() throws SQLException {
    createWithBacklog("slow", MEDIUM);
    String token = database.text("select token from howdah.claim('slow', 1, '1 day')");
    Backlog.settleSlices(database, "slow", 1_500, 1);
    database.clock().advance(Duration.ofSeconds(2));
    database.query("select howdah.settle(token) from howdah.claim('slow', 1)");
    try (Probe probe = new Probe(database)) {
      probe.pages("select * from howdah.claim('slow', 1)");
      database.clock().advance(Duration.ofSeconds(2));
      assertThat(probe.rowsFetched("slice", "select * from howdah.claim('slow', 1)")).as("rows of slice, of 1,500")
          .isLessThan(50);
    }
    assertThat(database.text("select howdah.settle(?)", token)).as("the slow consumer settles").isEqualTo("settled");
    assertThat(database.number("select count(*) from howdah.held")).isZero();
  }

  @Test
  void aClaimThatFindsNothingIsCheapWhateverLiesBehindIt() throws SQLException {
    createWithBacklog("finished", MEDIUM);
    Backlog.settleSlices(database, "finished", 40, 1_000);
    database.query("select howdah.create_queue('untouched')");
    assertThat(database.number("select ready + in_flight from howdah.stats('finished')")).isZero();
    long nothingEver = pagesOfClaims("untouched", 100);
    long nothingMore = pagesOfClaims("finished", 100);
    assertThat(nothingMore).as("pages behind %d settled messages, against %d", MEDIUM, nothingEver)
        .isLessThan(nothingEver * 2 + 20);
  }
}
