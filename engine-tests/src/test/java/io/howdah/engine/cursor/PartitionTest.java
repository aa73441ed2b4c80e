package io.howdah.engine.cursor;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.engine.delivery.Refusal;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A stream in parts: each message belongs to exactly one of them, those of one key to the same. */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PartitionTest {
  private final Session a;

  PartitionTest(TestDatabase database) {
    this.a = database.session("a");
  }

  @BeforeEach
  void stream() {
    a.execute("select howdah.drop_stream('s', true)");
    a.execute("select howdah.create_stream('s')");
  }

  private void part(String name, String partition) {
    a.execute("select howdah.create_subscription(?, 's', options => json_build_object('partition', ?::text))", name,
        partition);
  }

  /** So many messages with keys k1, k2, ... and as many without. */
  private void publish(int count) {
    a.execute("""
        select howdah.publish_many('s', array(select to_json('k' || n % 100)::text from generate_series(1, ?::int) n),
          keys => array(select 'k' || n % 100 from generate_series(1, ?::int) n))""", count, count);
    a.execute("select howdah.publish_many('s', array(select n::text from generate_series(1, ?::int) n))", count);
  }

  @Test
  void eachMessageIsInExactlyOnePartAndThoseOfAKeyAreTogether() {
    List<String> all = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      part("p" + i, i + " of 3");
    }
    publish(300);
    List<String> keys = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      assertThat(a.execute("select ready from howdah.stats(?)", "p" + i).number()).isBetween(100L, 300L);
      List<String> mine = Claim.drain(a, "p" + i);
      mine.stream().filter(p -> p.startsWith("\"k")).distinct().forEach(keys::add);
      all.addAll(mine);
    }
    assertThat(keys).hasSize(100).doesNotHaveDuplicates();
    assertThat(all).hasSize(600);
    assertThat(all.stream().filter(p -> !p.startsWith("\"k"))).doesNotHaveDuplicates().hasSize(300);
  }

  @Test
  void aNegativeHashIsInAPartToo() {
    assertThat(a.execute(
        """
            select count(*) filter (where hashtextextended(k, 0) < 0) > 100 and count(*) filter (where p not between 1 and 7) = 0
            from (select k, howdah.partition_of(k, null, 7) as p from (select 'k' || n as k from generate_series(1, 1000) n) k) x""")
        .text()).isEqualTo("true");
    assertThat(a.execute("select howdah.partition_of(null, gen_random_uuid(), 1)").number()).isEqualTo(1);
    assertThat(a
        .execute(
            "select count(distinct howdah.partition_of('k' || n, null, 9999)) > 5000 from generate_series(1, 20000) n")
        .text()).isEqualTo("true");
  }

  @Test
  void partAndBindingsHoldTogether() {
    part("one", "1 of 2");
    part("two", "2 of 2");
    a.execute("select howdah.bind('one', 'x'), howdah.bind('two', 'x')");
    IntStream.range(0, 40).forEach(i -> a.execute("select howdah.publish('s', ?::json, topic => ?, key => ?)",
        String.valueOf(i), i % 2 == 0 ? "x" : "y", "k" + i));
    List<String> all = new ArrayList<>(Claim.drain(a, "one"));
    assertThat(all).isNotEmpty().hasSizeLessThan(20);
    all.addAll(Claim.drain(a, "two"));
    assertThat(all).hasSize(20).allMatch(p -> Integer.parseInt(p) % 2 == 0).doesNotHaveDuplicates();
  }

  @Test
  void retriesAndDirectMessagesComeToWhoHadThem() {
    part("one", "1 of 2");
    a.execute("select howdah.alter_subscription('one', '{\"backoff\": \"none\"}')");
    publish(20);
    Claim claim = Claim.of(a, "one", 5);
    a.execute("select howdah.settle(?, array[?]::bigint[], array['retry'])", claim.token(),
        claim.positions().getFirst());
    IntStream.range(0, 10)
        .forEach(i -> a.execute("select howdah.publish('one', ?::json, key => ?)", "\"d" + i + "\"", "k" + i));
    List<String> rest = Claim.drain(a, "one");
    assertThat(rest).contains(claim.payloads().getFirst());
    assertThat(rest.stream().filter(p -> p.startsWith("\"d"))).hasSize(10);
  }

  @Test
  void anIdleOneWritesNothingAndKeepsItsPartWhenFiltersAreForgotten() {
    part("one", "1 of 2");
    publish(20);
    Claim.drain(a, "one");
    a.execute("select * from howdah.housekeep()");
    publish(200);
    assertThat(Claim.drain(a, "one")).hasSizeBetween(100, 300);
  }

  @Test
  void thePartIsAnOptionThatCanBeChanged() {
    a.execute("select howdah.create_subscription('p', 's')");
    a.execute("select howdah.alter_subscription('p', '{\"partition\": \"1 of 2\"}')");
    assertThat(a.execute("select options ->> 'partition' from howdah.describe('p')").text()).isEqualTo("1 of 2");
    publish(100);
    assertThat(Claim.drain(a, "p")).hasSizeLessThan(200);
    a.execute("select howdah.alter_subscription('p', '{\"partition\": \"all\"}')");
    publish(100);
    assertThat(Claim.drain(a, "p")).hasSize(200);
    for (String wrong : List.of("0 of 2", "3 of 2", "1 of 0", "1", "1 of 99999", "-1 of 2", "")) {
      Refusal.expect("22023", a,
          "select howdah.create_subscription('x', 's', options => json_build_object('partition', ?::text))", wrong);
    }
    Refusal.expect("22023", a, "select howdah.create_subscription('x', 's', options => '{\"partition\": null}')");
  }

  /** What belongs to part 1 of 2, and what to part 2. */
  private String keyOf(int part) {
    return a.execute("""
        select 'k' || n from generate_series(1, 100) n
        where howdah.partition_of('k' || n, gen_random_uuid(), 2) = ? limit 1""", part).text();
  }

  @Test
  void aMessageOfAPartThatNobodyTakesIsUnroutable() {
    part("p", "1 of 2");
    a.execute("select howdah.alter_stream('s', '{\"unroutable\": \"error\"}')");
    Refusal.expect("HD422", a, "select howdah.publish('s', '1', key => ?)", keyOf(2));
    Refusal.expect("HD422", a, "select howdah.publish_many('s', '{1,2}', keys => array[?, ?])", keyOf(1), keyOf(2));
    a.execute("select howdah.publish('s', '1', key => ?)", keyOf(1));
    a.execute("select howdah.alter_stream('s', '{\"unroutable\": \"drop\"}')");
    a.execute("select howdah.publish_many('s', array(select n::text from generate_series(1, 100) n))");
    long taken = Claim.drain(a, "p").size() - 1;
    assertThat(taken).isBetween(1L, 99L);
    assertThat(a.execute("select unroutable from howdah.describe_stream('s')").number()).isEqualTo(100 - taken);
    a.execute("select howdah.create_bound_queue('all', 's', '{x}'), howdah.publish('s', '1', 'x', ?)", keyOf(2));
    assertThat(Claim.drain(a, "all")).containsExactly("1");
  }

  @Test
  void theRouteDependsOnThePart() {
    part("p", "1 of 2");
    String route = "select subscription || ': ' || why from howdah.route('s', null, ?)";
    assertThat(a.execute("select why from howdah.route('s')").text())
        .isEqualTo("it takes everything, if its key or id belongs to part 1 of 2");
    assertThat(a.execute(route, keyOf(1)).texts()).containsExactly("p: it takes everything, and part 1 of 2");
    assertThat(a.execute(route, keyOf(2)).texts()).isEmpty();
    String routed = "select subscriptions::text from howdah.publish_routed('s', '1', key => ?)";
    assertThat(a.execute(routed, keyOf(1)).text()).isEqualTo("{p}");
    assertThat(a.execute(routed, keyOf(2)).text()).isEqualTo("{}");
  }

  @Test
  void aKeyThatIsHeldUntilItIsDoneIsFreeIfNoPartTakesIt() {
    part("p", "1 of 2");
    String publish = "select duplicate from howdah.publish_once('s', '1', ?, key => ?, until_done => true)";
    for (int i = 0; i < 2; i++) {
      assertThat(a.execute(publish, "free", keyOf(2)).text()).isEqualTo("false");
      assertThat(a.execute(publish, "held", keyOf(1)).text()).isEqualTo(i == 0 ? "false" : "true");
      a.execute("select howdah.sequence('s')");
    }
  }
}
