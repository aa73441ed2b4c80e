package io.howdah.engine.binding;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BindingsTest {
  private final TestDatabase database;
  private final Session a;
  private final Session b;

  BindingsTest(TestDatabase database) {
    this.database = database;
    this.a = database.session("a");
    this.b = database.session("b");
  }

  @BeforeEach
  void streamAndQueues() {
    a.execute("select howdah.drop_stream('s', true)");
    a.execute("select howdah.create_stream('s')");
    bound("q", "{order.*}");
  }

  @AfterEach
  void leaveNothingOpen() {
    a.rollback();
    b.rollback();
    database.heal();
  }

  private void bound(String queue, String patterns) {
    a.execute("select howdah.create_bound_queue(?, 's', ?::text[])", queue, patterns);
  }

  /** Publishes messages whose payload is their topic. */
  private void publish(String... topics) {
    for (String topic : topics) {
      a.execute("select howdah.publish('s', to_json(?::text), topic => ?)", topic, topic);
    }
  }

  private List<String> drain(String subscription) {
    return Claim.drain(a, subscription).stream().map(payload -> payload.replace("\"", "")).toList();
  }

  private String stats(String subscription) {
    return a.execute("select ready || ' ' || in_flight || ' ' || scheduled || ' ' || (oldest_ready is not null) "
        + "from howdah.stats(?)", subscription).text();
  }

  @Test
  void aBoundQueueGetsWhatMatchesAndTheStreamKeepsOneCopy() {
    bound("all", "{#}");
    bound("logs", "{logs.#,order.paid}");
    publish("order.placed", "logs", "order.paid", "logs.a.b", "order", "user.new");
    assertThat(drain("q")).containsExactly("order.placed", "order.paid");
    assertThat(drain("logs")).containsExactly("logs", "order.paid", "logs.a.b");
    assertThat(drain("all")).hasSize(6);
    assertThat(a.execute("select count(*) from howdah.log l join howdah.stream s on s.id = l.stream where s.name = 's'")
        .number()).isEqualTo(6);
  }

  @Test
  void aMessageWithoutATopicReachesOnlyThoseWhoTakeEverything() {
    bound("all", "{#}");
    a.execute("select howdah.publish('s', '1'), howdah.publish('s', '2', headers => '{\"type\": \"order.x\"}')");
    assertThat(drain("all")).containsExactly("1", "2");
    assertThat(drain("q")).as("a type is a topic").containsExactly("2");
  }

  @Test
  void bindingsAreAddedRemovedReplacedAndListed() {
    assertThat(a.execute("select howdah.bind('q', 'b.#'), howdah.bind('q', 'b.#')").values().getFirst())
        .containsExactly(true, false);
    assertThat(a.execute("select pattern from howdah.bindings('q')").texts()).containsExactly("b.#", "order.*");
    assertThat(a.execute("select howdah.unbind('q', 'order.*'), howdah.unbind('q', 'order.*')").values().getFirst())
        .containsExactly(true, false);
    assertThat(a.execute("select howdah.set_bindings('q', array['z', 'x', 'x'])").text()).isEqualTo("true");
    assertThat(a.execute("select howdah.set_bindings('q', array['x', 'z'])").text()).isEqualTo("false");
    assertThat(a.execute("select subscription || stream || pattern from howdah.bindings()").texts())
        .containsExactly("qsx", "qsz");
    publish("x", "y", "z");
    assertThat(drain("q")).containsExactly("x", "z");
  }

  @Test
  void withoutTheLastBindingNothingComesAndWithNullEverything() {
    a.execute("select howdah.unbind('q', 'order.*')");
    publish("order.a");
    assertThat(drain("q")).isEmpty();
    a.execute("select howdah.set_bindings('q', null)");
    publish("order.b", "c");
    assertThat(drain("q")).containsExactly("order.b", "c");
    assertThat(a.execute("select count(*) from howdah.bindings('q')").number()).isZero();
  }

  @Test
  void aPlainSubscriptionMayBeBoundLater() {
    a.execute("select howdah.create_subscription('r', 's')");
    publish("x", "y");
    assertThat(Claim.of(a, "r", 1).payloads()).containsExactly("\"x\"");
    a.execute("select howdah.bind('r', 'x')");
    publish("x", "y");
    assertThat(drain("r")).as("y was committed before it was bound").containsExactly("y", "x");
  }

  @Test
  void whatWasCommittedKeepsTheBindingsOfThen() {
    publish("order.a", "new.a");
    a.execute("select howdah.set_bindings('q', array['new.*'])");
    publish("order.b", "new.b");
    a.execute("select howdah.set_bindings('q', array['order.*', 'new.*'])");
    publish("order.c", "new.c");
    assertThat(stats("q")).startsWith("4 ");
    assertThat(drain("q")).containsExactly("order.a", "new.b", "order.c", "new.c");
  }

  @Test
  void whatCommitsAfterAChangeHasTheNewBindingsHoweverOldItsTransactionIs() {
    b.begin().execute("select howdah.publish('s', '\"late\"', topic => 'new.a')");
    publish("new.b");
    a.execute("select howdah.bind('q', 'new.*')");
    b.commit();
    assertThat(drain("q")).containsExactly("late");
  }

  @Test
  void aChangeThatIsRolledBackNeverWas() {
    a.begin().execute("select howdah.bind('q', 'new.*')");
    b.execute("select howdah.publish('s', '1', topic => 'new.a')");
    a.rollback();
    publish("new.b", "order.b");
    assertThat(drain("q")).containsExactly("order.b");
  }

  @Test
  void aChangeAndAPublishInOneTransaction() {
    a.begin().execute("select howdah.publish('s', '1', topic => 'new.a'), howdah.bind('q', 'new.*'), "
        + "howdah.publish('s', '2', topic => 'new.b')");
    a.commit();
    assertThat(drain("q")).containsExactly("1", "2");
  }

  @Test
  void aClaimWaitsForAChangeAndASmallOneTakesTheRestLater() {
    publish("order.1", "x", "order.2", "order.3", "y", "order.4");
    a.begin().execute("select howdah.unbind('q', 'order.*')");
    Claim.start(b, "q", 3).awaitBlocked();
    a.commit();
    assertThat(Claim.of(b.await()).positions()).containsExactly(1L, 3L, 4L);
    assertThat(Claim.of(b, "q", 3).positions()).containsExactly(6L);
  }

  @Test
  void whatAClaimListsIsSettledRetriedReleasedAndTakenBack() {
    publish("order.1", "x", "order.2", "y", "order.3", "order.4");
    Claim claim = Claim.of(a, "q", 10);
    assertThat(claim.positions()).containsExactly(1L, 3L, 5L, 6L);
    assertThat(stats("q")).isEqualTo("0 4 0 false");
    Refusal.expect("22023", a, "select howdah.settle(?, array[2], array['done'])", claim.token());
    assertThat(a.execute("select howdah.settle(?, array[1, 3], array['done', 'retry'], array[null, '1 s']::interval[], "
        + "rest => 'release')", claim.token()).text()).isEqualTo("settled");
    assertThat(stats("q")).isEqualTo("2 0 1 true");
    Claim again = Claim.of(a, "q", 1);
    assertThat(again.positions()).containsExactly(5L);
    database.clock().advance(Duration.ofMinutes(1));
    assertThat(drain("q")).containsExactlyInAnyOrder("order.2", "order.3", "order.4");
  }

  @Test
  void messagesThatAreNotForItCostNoSliceEach() {
    publish("x", "y");
    String slices = "select count(*) from howdah.slice s join howdah.subscription b on b.id = s.sub where b.name = 'q'";
    for (int i = 0; i < 20; i++) {
      assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
      publish("x");
    }
    assertThat(a.execute(slices).number()).as("slices of 20 looks within a second or so").isLessThan(5);
    database.clock().advance(Duration.ofSeconds(2));
    a.execute("select howdah.sequence('s')");
    assertThat(Claim.of(a, "q", 10).isEmpty()).isTrue();
    assertThat(a.execute("select howdah.last_position(b.stream) - (howdah.newest_slice(b.id)).source_at "
        + "from howdah.subscription b where b.name = 'q'").number()).as("the cursor has moved on").isZero();
  }

  @Test
  void aNeedleInALargeHaystackIsFoundByOneClaim() {
    a.execute("select howdah.publish_many('s', array_fill('0'::text, array[30000]), "
        + "array(select 'hay.' || n % 5000 from generate_series(1, 30000) n))");
    publish("order.needle", "hay");
    assertThat(stats("q")).isEqualTo("1 0 0 true");
    a.execute("select howdah.sequence('s')");
    assertThat(a.execute("select ready from howdah.stats('q')").number()).as("an upper bound, now").isBetween(1L,
        20_002L);
    assertThat(Claim.of(a, "q", 10).payloads()).containsExactly("\"order.needle\"");
    assertThat(stats("q")).isEqualTo("0 1 0 false");
  }

  @Test
  void aLookThatTakesTooLongGoesOnWithTheNextClaim() {
    a.execute(
        "select howdah.publish_many('s', array_fill('0'::text, array[30000]), array_fill('hay'::text, array[30000]))");
    publish("order.needle");
    database.sabotage("next_hits", "interval '1 s'", "interval '0'");
    int looks = 0;
    for (Claim claim = Claim.of(a, "q", 10); claim.isEmpty(); claim = Claim.of(a, "q", 10)) {
      assertThat(++looks).isLessThan(40);
    }
    assertThat(looks).isGreaterThan(3);
  }

  @Test
  void claimsOfEverySizeGetAllOfItOnceAndInOrder() {
    List<String> topics = IntStream.range(0, 5000).mapToObj(i -> (i % 3 == 0 ? "order." : "x.") + i).toList();
    a.execute("select howdah.publish_many('s', array(select to_json(t)::text from unnest(?::text[]) t), ?::text[])",
        "{" + String.join(",", topics) + "}", "{" + String.join(",", topics) + "}");
    List<String> got = new java.util.ArrayList<>();
    for (int size = 1;; size = size * 3 % 2500 + 1) {
      Claim claim = Claim.of(a, "q", size);
      if (claim.isEmpty()) {
        break;
      }
      assertThat(claim.payloads()).hasSizeLessThanOrEqualTo(size);
      claim.payloads().forEach(payload -> got.add(payload.replace("\"", "")));
      claim.done(a);
    }
    assertThat(got).isEqualTo(topics.stream().filter(topic -> topic.startsWith("order.")).toList());
  }

  @Test
  void statsAndPeekAndTheDueTimeSeeOnlyWhatIsForIt() {
    publish("order.1", "x");
    a.execute("select howdah.publish('s', '1', topic => 'x', delay => '1 min'), "
        + "howdah.publish('s', '2', topic => 'order.2', delay => '1 h')");
    assertThat(stats("q")).isEqualTo("1 0 1 true");
    assertThat(a.execute("select payload::text from howdah.peek('q')").texts()).containsExactly("\"order.1\"");
    assertThat(a.execute("select howdah.next_due('q') > howdah.now() + interval '30 min'").text()).isEqualTo("true");
    drain("q");
    publish("x");
    assertThat(stats("q")).isEqualTo("0 0 1 false");
    assertThat(a.execute("select count(*) from howdah.peek('q')").number()).isZero();
  }

  @Test
  void routeNamesWhoWouldGetItAndWhy() {
    bound("two", "{#,*.placed}");
    a.execute("select howdah.create_subscription('everything', 's')");
    assertThat(a.execute("select r::text from howdah.route('s', 'order.placed') r").texts()).containsExactly(
        "(everything,,\"it takes everything\")", "(q,{order.*},\"topic order.placed matches order.*\")",
        "(two,\"{#,*.placed}\",\"topic order.placed matches #, *.placed\")");
    assertThat(a.execute("select subscription from howdah.route('s')").texts()).containsExactly("everything", "two");
    assertThat(a.execute("select r::text from howdah.route('q', 'anything') r").texts())
        .containsExactly("(q,,\"a direct message\")");
    Refusal.expect("HD404", a, "select howdah.route('nothing', 'a')");
    Refusal.expect("22023", a, "select howdah.route('s', 'a..b')");
  }

  @Test
  void aQueueThatIsBoundIsAQueue() {
    assertThat(a.execute("select kind || stream from howdah.stats('q')").text()).isEqualTo("queues");
    long id = a.execute("select howdah.create_bound_queue('q', 's', '{other}')").number();
    assertThat(a.execute("select howdah.create_queue('q')").number()).isEqualTo(id);
    assertThat(a.execute("select pattern from howdah.bindings('q')").texts()).containsExactly("order.*");
    a.execute("select howdah.create_stream('t'), howdah.create_queue('own'), howdah.create_subscription('r', 's')");
    Refusal.expect("HD409", a, "select howdah.create_bound_queue('q', 't', '{a}')");
    Refusal.expect("HD409", a, "select howdah.create_bound_queue('own', 's', '{a}')");
    Refusal.expect("HD409", a, "select howdah.create_bound_queue('r', 's', '{a}')");
    Refusal.expect("HD409", a, "select howdah.create_stream('q')");
    Refusal.expect("HD404", a, "select howdah.create_bound_queue('z', 'nothing', '{a}')");
    Refusal.expect("22023", a, "select howdah.create_bound_queue('z', 's', '{a..b}')");
    Refusal.expect("22023", a, "select howdah.create_bound_queue('z', 's', null)");
    publish("order.1");
    Refusal.expect("HD409", a, "select howdah.drop_queue('q')");
    drain("q");
    publish("x");
    assertThat(a.execute("select howdah.drop_queue('q'), howdah.drop_queue('q')").values().getFirst())
        .containsExactly(true, false);
    assertThat(a.execute("select count(*) from howdah.binding").number()).isZero();
  }

  @Test
  void aWrongCallIsRefused() {
    Refusal.expect("HD404", a, "select howdah.bind('nothing', 'a')");
    Refusal.expect("HD404", a, "select howdah.set_bindings(null, '{a}')");
    Refusal.expect("HD404", a, "select howdah.bindings('nothing')");
    Refusal.expect("22023", a, "select howdah.set_bindings('q', '{a,NULL}')");
    Refusal.expect("22023", a,
        "select howdah.set_bindings('q', array(select 'a' || n from generate_series(1, 1001) n))");
    a.begin().execute("set transaction isolation level repeatable read");
    Refusal.expect("0A000", a, "select howdah.bind('q', 'a')");
  }

  @Test
  void aThousandPatternsAreMatchedInTime() {
    a.execute("select howdah.set_bindings('q', array(select 'a' || n || '.*.b.#' from generate_series(1, 1000) n))");
    a.execute("select howdah.publish_many('s', array_fill('0'::text, array[10000]), "
        + "array(select 'a' || n || '.x.' || case n % 2 when 0 then 'b' else 'c' end from generate_series(1, 10000) n))");
    assertThat(drain("q")).hasSize(500);
  }

  @Test
  void aQueueWithoutAConsumerHoldsBackNoSpaceForWhatIsNotForIt() {
    publish("x", "y");
    a.execute("select howdah.set_bindings('q', array['order.*', 'new'])");
    a.execute("insert into howdah.segment select 1, max(no) + 1, max(no) % 8 from howdah.segment");
    database.clock().advance(Duration.ofDays(2));
    a.execute("select * from howdah.housekeep()");
    assertThat(a.execute("select detail from howdah.housekeep()").texts()).noneMatch(s -> s.contains("subscription q"));
    publish("order.1", "x");
    assertThat(drain("q")).containsExactly("order.1");
  }
}
