package io.howdah.engine.traps;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What tables, functions and payloads must be like, so that nothing is lost, unreadable or bloated. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StorageTest {
  private final TestDatabase database;
  private final Session a;
  private final Session b;

  StorageTest(TestDatabase database) {
    this.database = database;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  /** T11: rows in any physical order, and plans that do not read them by the index. */
  @Test
  void orderDoesNotComeFromThePlan() {
    a.begin();
    for (int i = 1; i <= 20; i++) {
      b.execute("select howdah.publish('q', ?::json)", String.valueOf(i));
      a.execute("select howdah.publish('q', ?::json)", String.valueOf(20 + i));
    }
    a.commit();
    a.execute("set enable_indexscan = off; set enable_indexonlyscan = off; set enable_sort = off");
    List<String> payloads = Claim.of(a, "q", 7).payloads();
    assertThat(payloads).hasSize(7).first().isEqualTo("1");
    assertThat(a.execute("""
        select bool_and(position = expected) from (
          select position, payload, row_number() over (order by position) + 7 as expected
          from howdah.claim('q', 33)) c""").text()).isEqualTo("true");
    assertThat(a.execute("select ready from howdah.stats('q')").number()).isZero();
    a.execute("reset all");
  }

  /** T13. */
  @Test
  void everythingSurvivesACrash() {
    assertThat(a.execute("""
        select relname from pg_class
        where relnamespace = 'howdah'::regnamespace and (relpersistence <> 'p' or 'fsync=off' = any (reloptions))""")
        .texts()).isEmpty();
  }

  /** T21. */
  @Test
  void transactionIdsBeyond32BitsStayWhatTheyAre() {
    String finished = "select howdah.finished(?::pg_snapshot)::text";
    assertThat(a.execute(finished, "12884902612:12884902620:12884902612,12884902615").text())
        .isEqualTo("{[0,12884902612),[12884902613,12884902615),[12884902616,12884902620)}");
    assertThat(a.execute(finished, "4294967294:4294967298:4294967294,4294967296").text())
        .isEqualTo("{[0,4294967294),[4294967295,4294967296),[4294967297,4294967298)}");
    assertThat(a.execute("""
        select attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where relnamespace = 'howdah'::regnamespace and attname in ('xid', 'seq', 'position', 'first', 'lo', 'hi', 'no')
          and atttypid not in ('int8'::regtype, 'int4'::regtype) or attname = 'xid' and atttypid <> 'int8'::regtype
          and relnamespace = 'howdah'::regnamespace""").texts()).isEmpty();
  }

  /** T24. */
  @Test
  void aPayloadThatJsonbCouldStoreAndNeverReadIsRead() {
    a.execute("""
        select howdah.publish('q', ('[' || string_agg('1e131071', ',') || ']')::json) from generate_series(1, 9999)""");
    a.execute("select howdah.publish('q', '1')");
    assertThat(a.execute("select octet_length(payload::text) from howdah.claim('q', 10)").texts())
        .containsExactly("89992", "1");
  }

  /** T25. */
  @Test
  void thePayloadsBytesAreKept() {
    String odd = "{ \"b\":1.50,\"a\" : 1e2,\n\t\"b\":\"\\u00e9é\\/\", \"\":[ ] }";
    a.execute("select howdah.publish('q', ?::json)", odd);
    a.execute("select howdah.publish('q', ?::json, delay => '1 ms')", odd);
    a.execute("select pg_sleep(0.01), howdah.promote()");
    assertThat(a.execute("select payload::text from howdah.claim('q', 10)").texts()).containsExactly(odd, odd);
  }

  /** T33. */
  @Test
  void ofABatchAllOrNothingIsPublished() {
    Refusal.expectOfServer("22P02", a,
        "select howdah.publish_many('q', array(select case n when 999 then '{' else '1' end from generate_series(1, 1000) n))");
    try (Session killed = database.session("killed")) {
      killed.begin().execute("select howdah.publish_many('q', array_fill('1'::text, array[1000]))");
      killed.terminate();
    }
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    assertThat(a.execute("select published from howdah.stats('q')").number()).isZero();
  }

  /** T46: clocks of clients cannot come in. A due time is no clock: it is what the publisher wants. */
  @Test
  void noCallTakesATimeFromTheClient() {
    assertThat(a.execute("""
        select p.proname from pg_proc p
        where p.pronamespace = 'howdah'::regnamespace and p.proname in ('publish', 'publish_many', 'claim', 'settle',
          'settle_and_claim', 'renew', 'release', 'promote', 'housekeep', 'mark_sleeping', 'sequence', 'create_stream')
          and exists (
            select from unnest(p.proargtypes::oid[], p.proargnames) as t (type, name)
            where t.type in ('timestamptz'::regtype, 'timestamp'::regtype) and t.name is distinct from 'due')""")
        .texts()).isEmpty();
  }

  /**
   * T49, B70: and no advisory lock that somebody else could hold. Keys that share
   * a key_hash wait for each other, and nothing else happens to them; a partition
   * is meant to be shared.
   */
  @Test
  void identityIsNeverAHashAndSafetyNeverAnAdvisoryLock() {
    assertThat(a.execute("""
        select proname from pg_proc
        where pronamespace = 'howdah'::regnamespace and prosrc ~ 'hashtext|hash_any|pg_(try_)?advisory'
          and proname not in ('key_hash', 'partition_of')""").texts()).isEmpty();
  }

  /** D2. */
  @Test
  void numbersAreNotCachedAndAreDrawnOncePerStatement() {
    assertThat(a.execute("select cache_size from pg_sequences where schemaname = 'howdah' and sequencename = 'block'")
        .number()).isEqualTo(1);
    a.execute("select howdah.publish_many('q', array_fill('1'::text, array[8192]))");
    assertThat(a
        .execute(
            "select count(distinct seq >> 13) from howdah.log where stream = (select max(id) - 1 from howdah.stream)")
        .number()).isEqualTo(1);
  }

  /** D4. */
  @Test
  void aPublisherCanPrepareItsTransactionWhileConsumersSleep() {
    a.execute("select howdah.mark_sleeping('q', gen_random_uuid(), '1 min')");
    b.begin().execute("select howdah.publish('q', '1')");
    b.prepare("asleep");
    a.commitPrepared("asleep");
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  /** D5, T53: somebody holds an old snapshot; the loop leaves no dead row that it could make anybody walk over. */
  @Test
  void theLoopUpdatesAndDeletesNothing() {
    a.execute("select pg_stat_force_next_flush()");
    a.execute("select pg_stat_reset()");
    try (Session old = database.session("old")) {
      old.execute("begin isolation level repeatable read");
      old.execute("select count(*) from howdah.stream");
      for (int i = 0; i < 100; i++) {
        a.execute("select howdah.publish('q', '1')");
        a.execute("select howdah.settle(token) from howdah.claim('q', 10)");
      }
      a.execute("select pg_stat_force_next_flush()");
      assertThat(b.execute("""
          select relname || ' ' || n_tup_upd || ' ' || n_tup_del from pg_stat_user_tables
          where schemaname = 'howdah' and n_tup_upd + n_tup_del > 0
            and relname ~ '^(log|tick|slice|closed|part)_|^(held|due)$'""").texts()).isEmpty();
    }
  }

  /** D10. */
  @Test
  void aTickIsDurableBeforeItsPositionsAreShown() {
    a.execute("set synchronous_commit = off");
    a.execute("select howdah.publish('q', '1')");
    a.begin().execute("select howdah.sequence('q')");
    assertThat(a.execute("show synchronous_commit").text()).isEqualTo("on");
    a.commit();
    assertThat(a.execute("show synchronous_commit").text()).isEqualTo("off");
  }

  /** T54. */
  @Test
  void anIdleConsumerTakesNoTransactionId() {
    a.execute("select howdah.publish('q', '1')");
    Claim.drain(a, "q");
    a.begin();
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    a.execute("select howdah.next_due('q'), howdah.next_lapse('q')");
    assertThat(a.execute("select pg_current_xact_id_if_assigned()").text()).isEqualTo("null");
    a.rollback();
  }
}
