package io.howdah.engine.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PublishOnceTest {
  private static final String ONCE = "select message from howdah.publish_once('q', '1', 'k')";
  private static final String IS_DUPLICATE = "select duplicate from howdah.publish_once('q', '1', 'k')";
  private static final String ID = "018f0000-0000-7000-8000-000000000001";
  private final TestClock clock;
  private final Session a;
  private final Session b;

  PublishOnceTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void queue() {
    a.execute("select howdah.drop_queue('q', true), howdah.create_queue('q')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    clock.reset();
  }

  @Test
  void theSecondOfOneKeyIsToldTheIdOfTheFirst() {
    String first = a.execute(ONCE).text();
    assertThat(b.execute(ONCE).text()).isEqualTo(first);
    assertThat(b.execute(IS_DUPLICATE).text()).isEqualTo("true");
    assertThat(a.execute("select duplicate from howdah.publish_once('q', '2', 'other')").text()).isEqualTo("false");
    assertThat(a.execute("select id from howdah.peek('q')").texts()).hasSize(2).startsWith(first);
    assertThat(Claim.drain(a, "q")).containsExactly("1", "2");
  }

  @Test
  void afterTheWindowTheKeyIsNew() {
    String first = a.execute(ONCE).text();
    clock.advance(Duration.ofMinutes(5).minusSeconds(10));
    assertThat(a.execute(ONCE).text()).isEqualTo(first);
    clock.advance(Duration.ofSeconds(11));
    assertThat(a.execute(ONCE).text()).isNotEqualTo(first);
    assertThat(Claim.drain(a, "q")).hasSize(2);
  }

  @Test
  void theWindowIsThatOfTheStreamOrTheCallers() {
    a.execute("select howdah.set_once_window('q', '1 h')");
    a.execute(ONCE);
    a.execute("select howdah.publish_once('q', '1', 'short', within => '1 s')");
    clock.advance(Duration.ofMinutes(50));
    assertThat(a.execute(IS_DUPLICATE).text()).isEqualTo("true");
    assertThat(a.execute("select duplicate from howdah.publish_once('q', '1', 'short')").text()).isEqualTo("false");
  }

  @Test
  void keysOfTwoStreamsHaveNothingToDoWithOneAnother() {
    a.execute("select howdah.create_queue('q2')");
    a.execute(ONCE);
    assertThat(a.execute("select duplicate from howdah.publish_once('q2', '1', 'k')").text()).isEqualTo("false");
    a.execute("select howdah.drop_queue('q2', true)");
  }

  @Test
  void whileTheFirstIsOpenTheSecondWaitsAndIsADuplicateWhenItCommits() {
    a.begin();
    String first = a.execute(ONCE).text();
    b.run(ONCE).awaitBlocked();
    a.commit();
    assertThat(b.await().text()).isEqualTo(first);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void whenTheFirstRollsBackTheSecondPublishes() {
    a.begin();
    String first = a.execute(ONCE).text();
    b.run(ONCE).awaitBlocked();
    a.rollback();
    assertThat(b.await().text()).isNotEqualTo(first);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void aFirstThatIsPreparedCountsWhenItIsCommitted() {
    a.begin();
    String first = a.execute(ONCE).text();
    a.prepare("once");
    b.run(ONCE).awaitBlocked();
    a.commitPrepared("once");
    assertThat(b.await().text()).isEqualTo(first);
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void insideOneTransactionTheSecondIsADuplicateToo() {
    a.begin();
    String first = a.execute(ONCE).text();
    assertThat(a.execute(ONCE).text()).isEqualTo(first);
    a.rollback();
    assertThat(a.execute(IS_DUPLICATE).text()).isEqualTo("false");
  }

  @Test
  void anOldSnapshotIsTold() {
    a.execute("begin isolation level repeatable read");
    a.execute("select count(*) from howdah.stats()");
    b.execute(ONCE);
    Refusal.expectOfServer("40001", a, ONCE);
  }

  @Test
  void aMessagesOwnIdIsItsKey() {
    String sql = "select message || ' ' || duplicate from howdah.publish_once('q', '1', id => ?::uuid)";
    assertThat(a.execute(sql, ID).text()).isEqualTo(ID + " false");
    assertThat(a.execute(sql, ID).text()).isEqualTo(ID + " true");
    assertThat(
        a.execute("select message || ' ' || duplicate from howdah.publish_once('q', '1', 'key', id => ?::uuid)", ID)
            .text())
        .as("with a key that is new").isEqualTo(ID + " true");
    assertThat(a.execute("select id from howdah.peek('q')").texts()).containsExactly(ID);
  }

  @Test
  void aDelayedOneHasItsPropertiesToo() {
    a.execute("select howdah.publish_once('q', '1', 'k', delay => '1 h', topic => 'a.b', key => 'x',"
        + " headers => '{\"h\":\"v\"}')");
    assertThat(a.execute("select concat_ws(' ', topic, key, headers) from howdah.scheduled('q')").texts())
        .containsExactly("a.b x {\"h\":\"v\"}");
  }

  @Test
  void oldKeysAreForgotten() {
    a.execute(ONCE);
    a.execute("select howdah.housekeep()");
    assertThat(a.execute("select count(*) from howdah.once").number()).isEqualTo(1);
    clock.advance(Duration.ofMinutes(6));
    a.execute("select howdah.housekeep()");
    assertThat(a.execute("select count(*) from howdah.once").number()).isZero();
    a.execute(ONCE);
    a.execute("select howdah.drop_queue('q', true)");
    assertThat(a.execute("select count(*) from howdah.once").number()).isZero();
  }

  @Test
  void aMessageWithoutAKeyLeavesNothing() {
    a.execute("select howdah.publish('q', '1')");
    assertThat(a.execute("select count(*) from howdah.once").number()).isZero();
  }

  @Test
  void whatCannotBeIsRefused() {
    Refusal.expect("HD404", a, "select howdah.publish_once('nowhere', '1', 'k')");
    Refusal.expect("22023", a, "select howdah.publish_once('q', '1')");
    Refusal.expect("22023", a, "select howdah.publish_once('q', '1', '')");
    Refusal.expect("22023", a, "select howdah.publish_once('q', '1', repeat('k', 256))");
    Refusal.expect("22023", a, "select howdah.publish_once('q', '1', E'a\\nb')");
    Refusal.expect("22023", a, "select howdah.publish_once('q', '1', 'k', within => '31 days')");
    Refusal.expect("22004", a, "select howdah.publish_once('q', null, 'k')");
    Refusal.expect("22023", a, "select howdah.set_once_window('q', '0')");
    assertThat(a.execute("select count(*) from howdah.once").number()).isZero();
  }

  @Test
  void aBatchIsStoredOnceHoweverOftenItIsSent() {
    String sql = "select howdah.publish_batch(?::uuid, 'q', array['1', '2', '3'], delays => array[null, null, '1 h']::interval[])";
    String ids = a.execute(sql, ID).text();
    assertThat(a.execute(sql, ID).text()).isEqualTo(ids);
    assertThat(a.execute("select howdah.peek('q')").size()).isEqualTo(2);
    assertThat(ids).contains(a.execute("select id from howdah.scheduled('q')").text());
    assertThat(Claim.drain(a, "q")).containsExactly("1", "2");
    Refusal.expect("22023", a, "select howdah.publish_batch(?::uuid, 'q', '{}')", ID);
    Refusal.expect("HD404", a, "select howdah.publish_batch(?::uuid, 'nowhere', '{1}')", ID);
  }

  @Test
  void aBatchThatIsSentAgainWhileTheFirstIsOpenWaits() {
    String sql = "select howdah.publish_batch(?::uuid, 'q', array['1'])";
    a.begin();
    a.execute(sql, ID);
    b.run(sql, ID).awaitBlocked();
    a.rollback();
    b.await();
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }
}
