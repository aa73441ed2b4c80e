package io.howdah.engine.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Rows;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@HowdahTest
class PublishTest {
  private static final String CLAIM = """
      select id::text, topic, key, headers::text, payload::text, content_type, body, attempt,
        published_at between now() - interval '1 min' and now() + interval '1 min'
      from howdah.claim(?, 10)""";
  private final TestDatabase database;

  PublishTest(TestDatabase database) {
    this.database = database;
  }

  private String queue(String name) {
    database.query("select howdah.create_queue(?)", name);
    return name;
  }

  @Test
  void whatWasPublishedIsDeliveredAsItWas() {
    queue("all");
    String id = database.text("""
        select howdah.publish('all', '{"a" : 1,"a":2.50}', 'order.created', 'customer 7', '{"x" :"y"}')""");

    List<Object> row = database.query(CLAIM, "all").values().getFirst();

    assertThat(row).containsExactly(id, "order.created", "customer 7", "{\"x\" :\"y\"}", "{\"a\" : 1,\"a\":2.50}", null,
        null, 1, true);
  }

  @Test
  void everythingButThePayloadMayBeMissing() {
    queue("bare");
    database.query("select howdah.publish('bare', 'null')");

    List<Object> row = database.query(CLAIM, "bare").values().getFirst();

    assertThat(row.subList(1, 8)).containsExactly(null, null, null, "null", null, null, 1);
  }

  @Test
  void idsAreVersion7InTheOrderOfTheInput() {
    queue("ids");
    Instant before = Instant.now();
    List<UUID> ids = database.query("""
        select unnest(howdah.publish_many('ids', array(select n::text from generate_series(1, 3000) n)))""").values()
        .stream().map(row -> (UUID) row.getFirst()).toList();

    assertThat(ids).hasSize(3000).doesNotHaveDuplicates().allSatisfy(id -> {
      assertThat(id.version()).isEqualTo(7);
      assertThat(id.variant()).isEqualTo(2);
    });
    assertThat(ids.stream().map(UUID::toString)).isSorted();
    assertThat(Instant.ofEpochMilli(ids.getFirst().getMostSignificantBits() >>> 16)).isBetween(before.minusSeconds(60),
        before.plusSeconds(60));
    assertThat(database.texts("""
        select id from howdah.claim('ids', 3000) union all select id from howdah.claim('ids', 3000)"""))
        .startsWith(ids.getFirst().toString()).isSorted().hasSizeGreaterThan(999);
  }

  @Test
  void idsOfTwoStatementsNeverMeet() {
    queue("twice");
    assertThat(database.number("""
        select count(distinct id) from (
          select unnest(howdah.publish_many('twice', array['1', '2', '3'])) as id from generate_series(1, 200)) i"""))
        .isEqualTo(600);
  }

  @Test
  void moreThanOneBlockKeepsTheOrderOfTheInput() {
    queue("blocks");
    database.query("""
        select cardinality(howdah.publish_many('blocks', array(select n::text from generate_series(1, 20000) n)))""");

    assertThat(Claim.drain(database, "blocks"))
        .isEqualTo(IntStream.rangeClosed(1, 20_000).mapToObj(String::valueOf).toList());
  }

  @Test
  void theTopicIsTheTypeHeaderUnlessOneIsGiven() {
    queue("topics");
    database.query("""
        select howdah.publish_many('topics', array['1', '2', '3', '4'], array[null, 'given', null, null], null,
          array['{"type":"from.header"}', '{"type":"not this"}', '{"\\u0074ype":"escaped"}', '{"other":"type"}'])""");

    assertThat(database.texts("select topic from howdah.claim('topics', 10)")).containsExactly("from.header", "given",
        "escaped", "null");
  }

  @Test
  void elementsOfEachArrayBelongToTheirMessage() {
    queue("arrays");
    database.query("""
        select howdah.publish_many('arrays', array['1', '2', '3'], array['a', null, 'c'], array[null, 'k2', null],
          array[null, null, '{"h":"3"}'], array[null, '1 h', null]::interval[])""");

    assertThat(
        database.query("select payload::text, topic, key, headers::text from howdah.claim('arrays', 10)").values())
        .containsExactly(java.util.Arrays.asList("1", "a", null, null),
            java.util.Arrays.asList("3", "c", null, "{\"h\":\"3\"}"));
    assertThat(database.number("select scheduled from howdah.stats('arrays')")).isEqualTo(1);
  }

  @Test
  void aRolledBackPublishIsNeverSeen() {
    queue("undone");
    try (Session a = database.session("a")) {
      a.begin().execute("select howdah.publish('undone', '1')");
      a.execute("select howdah.publish('undone', '2', delay => '1 s')");
      a.rollback();
    }
    assertThat(Claim.of(database, "undone", 10).payloads()).isEmpty();
    assertThat(database.number("select scheduled + published from howdah.stats('undone')")).isZero();
  }

  @Test
  void aMessageIsInvisibleUntilItsTransactionCommits() {
    queue("hidden");
    try (Session a = database.session("a")) {
      a.begin().execute("select howdah.publish('hidden', '1')");
      assertThat(Claim.of(database, "hidden", 10).payloads()).isEmpty();
      assertThat(Claim.of(a, "hidden", 10).payloads()).as("not even to itself").isEmpty();
      a.commit();
    }
    assertThat(Claim.of(database, "hidden", 10).payloads()).containsExactly("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
  void publishingWorksInEveryIsolation(String isolation) {
    String queue = queue("isolation-" + isolation.replace(' ', '-'));
    try (Session a = database.session("a")) {
      a.execute("begin isolation level " + isolation);
      a.execute("select howdah.publish(?, '1')", queue);
      a.execute("select howdah.publish(?, '2', delay => '1 h')", queue);
      a.commit();
    }
    assertThat(Claim.of(database, queue, 10).payloads()).containsExactly("1");
    assertThat(database.number("select scheduled from howdah.stats(?)", queue)).isEqualTo(1);
  }

  @Test
  void aQueueIsKnownToAPublisherInTheTransactionThatCreatesIt() {
    try (Session a = database.session("a")) {
      a.begin().execute("select howdah.create_queue('fresh')");
      Rows id = a.execute("select howdah.publish('fresh', '1')");
      assertThat(id.text()).hasSize(36);
      a.commit();
    }
    assertThat(Claim.of(database, "fresh", 10).payloads()).containsExactly("1");
  }
}
