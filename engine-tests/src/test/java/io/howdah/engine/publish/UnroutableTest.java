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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no subscription takes is kept, refused, dropped and counted, or parked, as the stream says. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnroutableTest {
  private static final String LOST = "select unroutable from howdah.describe_stream('s')";
  private final Session a;
  private final Session b;

  UnroutableTest(TestDatabase database) {
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void streamWithOneBoundQueue() {
    a.execute("select howdah.drop_stream('s', true), howdah.drop_queue('lost', true)");
    a.execute("select howdah.create_stream('s')");
    a.execute("select howdah.create_bound_queue('orders', 's', '{order.*}'), howdah.create_queue('lost')");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
  }

  private void policy(String options) {
    a.execute("select howdah.alter_stream('s', ?::json)", options);
  }

  private long published() {
    return a.execute("select published from howdah.describe_stream('s')").number();
  }

  @Test
  void byDefaultItIsKeptForSubscriptionsThatComeLater() {
    a.execute("select howdah.publish('s', '1', 'user.new')");
    a.execute("select howdah.create_subscription('late', 's', 'beginning')");
    assertThat(Claim.drain(a, "late")).containsExactly("1");
  }

  @Test
  void asAnErrorNothingOfTheStatementIsPublished() {
    policy("{\"unroutable\": \"error\"}");
    Refusal.expect("HD422", a, "select howdah.publish('s', '1', 'user.new')");
    Refusal.expect("HD422", a, "select howdah.publish('s', '1')");
    Refusal.expect("HD422", a, "select howdah.publish_many('s', '{1,2}', '{order.new,user.new}')");
    Refusal.expect("HD422", a, "select howdah.publish_once('s', '1', 'k', topic => 'user.new')");
    Refusal.expect("HD422", a, "select howdah.publish_batch(gen_random_uuid(), 's', '{1}', '{user.new}')");
    Refusal.expect("HD422", a, "select howdah.publish('s', '1', 'user.new', delay => '1 h')");
    assertThat(published()).isZero();
    a.execute("select howdah.publish_once('s', '1', 'k', topic => 'order.new')");
    assertThat(Claim.drain(a, "orders")).containsExactly("1");
  }

  @Test
  void droppedMessagesAreCountedAndTheOthersKeepTheirOrderAndIds() {
    policy("{\"unroutable\": \"drop\"}");
    String ids = a.execute("select howdah.publish_many('s', '{1,2,3,4}', '{order.a,user.a,order.b,user.a}')").text();
    assertThat(ids.split(",")).hasSize(4);
    assertThat(a.execute(LOST).number()).isEqualTo(2);
    assertThat(published()).isEqualTo(2);
    for (String id : a.execute("select id from howdah.peek('orders')").texts()) {
      assertThat(ids).contains(id);
    }
    assertThat(Claim.drain(a, "orders")).containsExactly("1", "3");
    a.execute("select howdah.publish('s', '5', 'user.b')");
    a.execute("select howdah.housekeep()");
    assertThat(a.execute(LOST).number()).as("added up").isEqualTo(3);
  }

  @Test
  void parkedMessagesLieInTheQueueWithAllThatTheyHave() {
    policy("{\"unroutable\": \"park\", \"park_in\": \"lost\"}");
    String id = a.execute("select howdah.publish('s', '1', 'user.new', 'k', '{\"h\":\"v\"}', ttl => '1 s')").text();
    assertThat(a.execute("select id || ' ' || topic || ' ' || key || ' ' || (headers ->> 'h') || ' '"
        + " || (headers ->> 'unroutable') from howdah.claim('lost', 10)").texts())
        .containsExactly(id + " user.new k v s");
    assertThat(a.execute(LOST).number()).isEqualTo(1);
    assertThat(published()).isZero();
  }

  @Test
  void aRollbackParksAndCountsNothing() {
    policy("{\"unroutable\": \"park\", \"park_in\": \"lost\"}");
    a.begin();
    a.execute("select howdah.publish('s', '1', 'user.new')");
    a.rollback();
    assertThat(a.execute(LOST).number()).isZero();
    assertThat(Claim.drain(a, "lost")).isEmpty();
  }

  @Test
  void aBindingCountsFromTheStatementsThatSeeItCommitted() {
    policy("{\"unroutable\": \"error\"}");
    b.begin();
    b.execute("select howdah.bind('orders', 'user.*')");
    Refusal.expect("HD422", a, "select howdah.publish('s', '1', 'user.new')");
    b.commit();
    a.execute("select howdah.publish('s', '2', 'user.new')");
    a.execute("select howdah.unbind('orders', 'user.*')");
    Refusal.expect("HD422", a, "select howdah.publish('s', '3', 'user.new')");
    assertThat(Claim.drain(a, "orders")).containsExactly("2");
  }

  @Test
  void nobodyWaitsForAPublisherWhoseTransactionIsOpen() {
    policy("{\"unroutable\": \"error\"}");
    a.begin();
    a.execute("select howdah.publish('s', '1', 'order.new')");
    b.execute("select howdah.bind('orders', 'user.*'), howdah.publish('s', '2', 'user.new')");
    assertThat(Claim.drain(b, "orders")).containsExactly("2");
    a.commit();
    assertThat(Claim.drain(b, "orders")).containsExactly("1");
  }

  @Test
  void aSubscriptionWithoutBindingsTakesEverythingAndADirectMessageHasItsReceiver() {
    policy("{\"unroutable\": \"error\"}");
    a.execute("select howdah.publish('orders', '1', 'user.new')");
    a.execute("select howdah.create_subscription('all', 's')");
    a.execute("select howdah.publish('s', '2', 'user.new'), howdah.publish('s', '3')");
    assertThat(Claim.drain(a, "all")).containsExactly("2", "3");
    assertThat(Claim.drain(a, "orders")).containsExactly("1");
  }

  @Test
  void theTypeCountsAsTopicAlsoWhenTheStreamGivesIt() {
    policy("{\"unroutable\": \"error\", \"headers\": {\"type\": \"order.usual\", \"source\": \"shop\"}}");
    a.execute("select howdah.publish('s', '1')");
    a.execute("select howdah.publish('s', '2', headers => '{\"type\": \"order.own\", \"x\": \"y\"}')");
    assertThat(a.execute("select topic || ' ' || (headers ->> 'source') || coalesce(headers ->> 'x', '-')"
        + " from howdah.claim('orders', 5)").texts()).containsExactly("order.usual shop-", "order.own shopy");
    Refusal.expect("HD422", a, "select howdah.publish('s', '3', headers => '{\"type\": \"user.own\"}')");
  }

  @Test
  void theOutcomeTellsWhoTakesItAndElseWhatBecameOfIt() {
    String sql = "select subscriptions::text || ' ' || coalesce(became, '-') from howdah.publish_routed(?, '1', ?)";
    a.execute("select howdah.create_subscription('all', 's'), howdah.bind('all', 'order.#')");
    assertThat(a.execute(sql, "s", "order.new").text()).isEqualTo("{all,orders} -");
    assertThat(a.execute(sql, "s", "user.new").text()).isEqualTo("{} keep");
    policy("{\"unroutable\": \"drop\"}");
    assertThat(a.execute(sql, "s", "user.new").text()).isEqualTo("{} drop");
    assertThat(a.execute(sql, "orders", "user.new").text()).isEqualTo("{orders} -");
    assertThat(a.execute("select id = message from howdah.publish_routed('s', '7', 'order.x'), howdah.peek('orders', 9)"
        + " where payload::text = '7'").size()).as("is in the next statement").isZero();
    assertThat(Claim.drain(a, "orders")).contains("7");
    Refusal.expect("HD404", a, sql, "nowhere", "a");
  }

  @Test
  void aQueueThatIsParkedInIsNotDroppedUnawares() {
    policy("{\"unroutable\": \"park\", \"park_in\": \"lost\"}");
    Refusal.expect("HD409", a, "select howdah.drop_queue('lost')");
    a.execute("select howdah.drop_queue('lost', true)");
    assertThat(a.execute("select options ->> 'unroutable' from howdah.describe_stream('s')").text()).isEqualTo("keep");
    a.execute("select howdah.publish('s', '1', 'user.new')");
    a.execute("select howdah.create_stream('t'), howdah.create_bound_queue('direct', 't', '{}')");
    policy("{\"unroutable\": \"park\", \"park_in\": \"direct\"}");
    a.execute("select howdah.publish('s', '2', 'user.new')");
    assertThat(Claim.drain(a, "direct")).containsExactly("2");
    Refusal.expect("HD409", a, "select howdah.drop_queue('direct')");
    a.execute("select howdah.drop_stream('t', true)");
  }

  @Test
  void optionsAreTakenBothWaysAndKeepWhatIsNotNamed() {
    a.execute("select howdah.create_stream('o', '2 days', '{\"ttl\": \"1 hour\", \"max_payload\": 10}')");
    a.execute("select howdah.alter_stream('o', '{\"once_window\": \"1 min\", \"headers\": {\"a\": \"b\"}}')");
    assertThat(a.execute("select options::text from howdah.describe_stream('o')").text())
        .isEqualTo("{\"retention\":\"PT48H\",\"once_window\":\"PT1M\",\"max_payload\":10,\"ttl\":\"PT1H\","
            + "\"headers\":{\"a\":\"b\"},\"unroutable\":\"keep\"}");
    Refusal.expect("22023", a, "select howdah.publish('o', '12345678901')");
    a.execute("select howdah.alter_stream('o', options) from howdah.describe_stream('o')");
    a.execute("select howdah.create_queue('oq', '{\"ttl\": \"1 min\", \"max_attempts\": 3}')");
    assertThat(a.execute("select d.options ->> 'max_attempts' || (s.options ->> 'ttl')"
        + " from howdah.describe('oq') d, howdah.describe_stream('oq') s").text()).isEqualTo("3PT1M");
    a.execute("select howdah.drop_queue('oq'), howdah.drop_stream('o')");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{\"unroutable\": \"lose\"}", "{\"unroutable\": null}", "{\"unroutable\": \"park\"}",
      "{\"park_in\": \"lost\"}", "{\"unroutable\": \"park\", \"park_in\": \"s\"}", "{\"ttl\": \"0\"}", "{\"ttl\": 1}",
      "{\"headers\": [1]}", "{\"headers\": {\"a\": 1}}", "{\"headers\": {\"type\": \"no topic\"}}", "{\"max\": 1}",
      "{\"once_window\": \"31 days\"}", "{\"retention\": \"-1 s\"}", "{\"max_payload\": 0}", "{\"max_attempts\": 1}"})
  void whatCannotBeIsRefused(String options) {
    Refusal.expect("22023", a, "select howdah.alter_stream('s', ?::json)", options);
    Refusal.expect("22023", a, "select howdah.create_stream('other', '1 day', ?::json)", options.replace("\"s\"", "1"));
  }

  @Test
  void unknownNamesAreRefused() {
    Refusal.expect("HD404", a, "select howdah.alter_stream('nowhere', '{}')");
    Refusal.expect("HD404", a, "select howdah.describe_stream('nowhere')");
    Refusal.expect("HD404", a, "select howdah.alter_stream('s', '{\"unroutable\": \"park\", \"park_in\": \"no\"}')");
    Refusal.expect("22023", a, "select howdah.alter_stream('s', null)");
    Refusal.expect("22023", a, "select howdah.alter_queue('orders', '{\"ttl\": \"1 s\"}')");
    Refusal.expect("22023", a, "select howdah.alter_queue('lost', '{\"nothing\": 1}')");
    Refusal.expect("22023", a, "select howdah.alter_queue('lost', null)");
  }
}
