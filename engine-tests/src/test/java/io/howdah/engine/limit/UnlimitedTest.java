package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.Test;

/** What has no limits pays nothing for them. */
@HowdahTest
class UnlimitedTest {
  private final Session session;

  UnlimitedTest(TestDatabase database) {
    this.session = database.session("s");
  }

  private String called(String queue) {
    session.execute("set track_functions = 'all'");
    session.begin();
    session.execute("select howdah.settle(token) from (select distinct token from howdah.claim(?, 10)) c", queue);
    String functions = session.execute("""
        select string_agg(funcname, ' ' order by funcname) from pg_stat_xact_user_functions
        where schemaname = 'howdah' and funcname in ('permit', 'permitted', 'may_claim', 'note_claim', 'note_handed',
          'note_keys', 'put_off', 'rate_room', 'handed_by', 'key_rooms', 'tell_keys', 'tell_limit', 'keys_in_flight',
          'busy_keys', 'has_parked', 'cut_ordered', 'look_ahead', 'sort_out', 'unpark', 'park')""").text();
    session.rollback();
    return functions;
  }

  @Test
  void aClaimOfAQueueWithoutLimitsCallsNoFunctionOfLimitsAndNoneOfKeys() {
    session.execute("select howdah.create_queue('q')");
    session.execute("select howdah.publish('q', '1', key => 'k' || n % 3) from generate_series(1, 20) n");
    assertThat(called("q")).isEqualTo("null");
  }

  @Test
  void aClaimOfAnOrderedQueueAsksForNoRoomOfKeys() {
    session.execute("select howdah.create_queue('o', '{\"ordering\": \"key\", \"key_concurrency\": 1}')");
    session.execute("select howdah.publish('o', '1', key => 'k' || n % 3) from generate_series(1, 20) n");
    assertThat(called("o")).contains("busy_keys").doesNotContain("key_rooms").doesNotContain("note_handed")
        .doesNotContain("note_claim").doesNotContain("put_off");
  }

  @Test
  void aQueueWithoutLimitsWritesNoRowsOfThem() {
    session.execute("select howdah.create_queue('w')");
    session.execute("select howdah.publish('w', '1', key => 'k') from generate_series(1, 20)");
    session.execute("select howdah.settle(token) from (select distinct token from howdah.claim('w', 10)) c");
    assertThat(session.execute("""
        select (select count(*) from howdah.handed) + (select count(*) from howdah.parked)
          + (select count(*) from howdah.lane) + (select count(*) from howdah.started_late)""").number()).isZero();
    assertThat(session.execute("select count(*) from howdah.slice where keys is not null").number()).isZero();
  }
}
