package io.howdah.engine.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** In a batch each message has a deduplication key, or an id, of its own. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PublishManyOnceTest {
  private static final String ID = "018f0000-0000-7000-8000-000000000001";
  private static final String BATCH = "018f1111-2222-7333-8444-555555500000";
  private final Session a;
  private final Session b;

  PublishManyOnceTest(TestDatabase database) {
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
  }

  @Test
  void eachIsStoredUnlessItsKeyWasUsedAndTheAnswersAreInTheOrderOfTheInput() {
    String old = a.execute("select message from howdah.publish_once('q', '0', 'b')").text();
    assertThat(a.execute("select duplicate || ' ' || (message = ?::uuid) from howdah.publish_many_once('q',"
        + " '{1,2,3,4,5}', '{z,b,a,z,null}')", old).texts())
        .containsExactly("false false", "true true", "false false", "true false", "false false");
    assertThat(Claim.drain(a, "q")).containsExactly("0", "1", "3", "5");
  }

  @Test
  void theIdsAreThoseOfTheMessages() {
    assertThat(a.execute("select message || ' ' || duplicate from howdah.publish_many_once('q', '{1,2}',"
        + " ids => array[?::uuid, ?::uuid])", ID, ID).texts()).containsExactly(ID + " false", ID + " true");
    assertThat(a.execute("select id from howdah.peek('q')").texts()).containsExactly(ID);
  }

  @Test
  void allThatAMessageHasIsStored() {
    a.execute("select howdah.publish_many_once('q', '{1,2}', '{a,b}', topics => '{t.a,null}', keys => '{k,null}',"
        + " headers => array['{\"h\":\"v\"}', null], ttls => '{1 h,null}', delays => '{null,1 h}')");
    assertThat(a.execute("select topic || key || (headers ->> 'h') from howdah.peek('q')").texts())
        .containsExactly("t.akv");
    assertThat(a.execute("select payload::text from howdah.scheduled('q')").texts()).containsExactly("2");
  }

  @Test
  void twoBatchesWithTheSameKeysInAnotherOrderWaitAndDoNotDeadlock() {
    a.begin();
    a.execute("select howdah.publish_many_once('q', '{1}', '{m}')");
    b.run("select string_agg(duplicate::text, ',') from howdah.publish_many_once('q', '{2,3}', '{n,m}')")
        .awaitBlocked();
    a.execute("select howdah.publish_many_once('q', '{4}', '{l}')");
    a.commit();
    assertThat(b.await().text()).isEqualTo("false,true");
    a.begin();
    a.execute("select howdah.publish_many_once('q', '{5,6}', '{y,x}')");
    b.run("select string_agg(duplicate::text, ',') from howdah.publish_many_once('q', '{7,8}', '{x,y}')")
        .awaitBlocked();
    a.rollback();
    assertThat(b.await().text()).isEqualTo("false,false");
    assertThat(Claim.drain(a, "q")).containsExactlyInAnyOrder("1", "2", "4", "7", "8");
  }

  @Test
  void aMessageOfABatchThatWasStoredAfterAllIsADuplicate() {
    String ids = a.execute("select howdah.publish_batch(?::uuid, 'q', '{1,2}')", BATCH).text();
    String second = ids.replaceAll(".*,|}", "");
    assertThat(a.execute(
        "select message || ' ' || duplicate from howdah.publish_many_once('q', '{2}'," + " ids => array[?::uuid])",
        second).text()).isEqualTo(second + " true");
    assertThat(Claim.drain(a, "q")).containsExactly("1", "2");
  }

  @Test
  void aBatchWhoseMessagesWerePublishedAgainBeforeItArrivedStoresNothing() {
    String first = "018f1111-2222-7333-8444-555555510000";
    String second = "018f1111-2222-7333-8444-555555510001";
    a.execute("select howdah.publish_many_once('q', '{1,2}', ids => array[?::uuid, ?::uuid])", first, second);
    assertThat(a.execute("select howdah.publish_batch(?::uuid, 'q', '{1,2}')", BATCH).text()).contains(first, second);
    assertThat(Claim.drain(a, "q")).containsExactly("1", "2");
  }

  @Test
  void publishingAgainWaitsForABatchThatIsStillOnItsWay() {
    String sql = "select duplicate from howdah.publish_many_once('q', '{1}', ids => array[?::uuid])";
    a.begin();
    a.execute("select howdah.publish_batch(?::uuid, 'q', '{1}')", BATCH);
    b.run(sql, "018f1111-2222-7333-8444-555555510000").awaitBlocked();
    a.commit();
    assertThat(b.await().text()).isEqualTo("true");
    assertThat(Claim.drain(a, "q")).containsExactly("1");
  }

  @Test
  void ifOneCannotBeNothingIsStoredAndNoKeyIsTaken() {
    Refusal.expect("22023", a, "select howdah.publish_many_once('q', '{1,2}', '{a,b}', topics => '{a,no topic}')");
    Refusal.expect("22023", a, "select howdah.publish_many_once('q', '{1,2}', array['a', ''])");
    Refusal.expect("22023", a, "select howdah.publish_many_once('q', '{1,2}', '{a}')");
    Refusal.expect("22023", a, "select howdah.publish_many_once('q', '{}')");
    Refusal.expect("22023", a, "select howdah.publish_many_once('q', array_fill('1'::text, '{8193}'))");
    Refusal.expect("22023", a, "select howdah.publish_many_once('q', '{1}', '{a}', within => '31 days')");
    Refusal.expect("HD404", a, "select howdah.publish_many_once('nowhere', '{1}')");
    assertThat(a.execute("select count(*) from howdah.once").number()).isZero();
    assertThat(Claim.drain(a, "q")).isEmpty();
  }
}
