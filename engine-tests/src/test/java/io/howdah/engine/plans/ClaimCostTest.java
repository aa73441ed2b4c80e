package io.howdah.engine.plans;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.SQLException;
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
  void aThousandSettledSlicesDoNotMakeAClaimDearer() throws SQLException {
    createWithBacklog("new", SMALL);
    createWithBacklog("worn", MEDIUM);
    long before = pagesOfClaims("new", 10);
    Backlog.settleSlices(database, "worn", 1_000, 10);
    long after = pagesOfClaims("worn", 10);
    assertThat(after).as("pages after 1,000 settled slices, against %d before", before).isLessThan(before * 2);
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
