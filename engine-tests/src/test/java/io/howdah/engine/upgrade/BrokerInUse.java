package io.howdah.engine.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A database whose broker is in the middle of its work when it is upgraded: messages wait, with and without a position, are in flight,
 * half settled, scheduled and dead. SQL only, so that it works with the functions of every release.
 */
final class BrokerInUse {
  private final TestDatabase database;
  private final String inFlight;
  private final String halfSettled;

  private BrokerInUse(TestDatabase database, String inFlight, String halfSettled) {
    this.database = database;
    this.inFlight = inFlight;
    this.halfSettled = halfSettled;
  }

  /** Makes it so, with the functions that are installed. */
  static BrokerInUse in(TestDatabase database) {
    database.query("select howdah.create_queue('jobs'); select howdah.create_stream('events')");
    database.query("select howdah.create_subscription('reader', 'events', 'beginning')");
    database.query("select howdah.publish_many('events', array['1', '2', '3'])");
    database.query(
        "select howdah.publish_many('jobs', array['\"a1\"', '\"a2\"', '\"b1\"', '\"b2\"', '\"c\"', '\"dead\"'])");
    String inFlight = claim(database, 2);
    String halfSettled = claim(database, 2);
    settleFirst(database, halfSettled, "done", "open");
    settleFirst(database, claim(database, 1), "retry", "done");
    settleFirst(database, claim(database, 1), "reject", "done");
    database.query("select howdah.publish('jobs', '\"later\"', delay => '1 hour')");
    database.query("select howdah.publish_many('jobs', array['\"d1\"', '\"d2\"'])");
    return new BrokerInUse(database, inFlight, halfSettled);
  }

  private static String claim(TestDatabase database, int messages) {
    return database.texts("select token from howdah.claim('jobs', ?, '30 s')", messages).getFirst();
  }

  private static void settleFirst(TestDatabase database, String token, String outcome, String rest) {
    database.query("""
        select howdah.settle(?, array[s.from_pos], array[?], array[interval '30 min'], rest => ?)
        from howdah.slice s
        where s.sub = split_part(?, '.', 2)::int and s.no = split_part(?, '.', 3)::bigint""", token, outcome, rest,
        token, token);
  }

  /** Every token still counts and every message comes out, each once, after whatever has happened to the schema. */
  void assertNothingIsLost() {
    assertThat(database.query("""
        select ready, in_flight, scheduled, dead from howdah.stats('jobs')""").values())
        .containsExactly(List.of(2L, 3L, 2L, 1L));
    assertThat(database.text("select howdah.settle(?)", inFlight)).isEqualTo("settled");
    assertThat(consume("jobs")).containsExactlyInAnyOrder("d1", "d2");
    database.clock().advance(Duration.ofMinutes(1));
    assertThat(consume("jobs")).containsExactly("b2");
    assertThat(database.text("select howdah.settle(?)", halfSettled)).isEqualTo("lapsed");
    database.clock().advance(Duration.ofMinutes(61));
    assertThat(consume("jobs")).containsExactlyInAnyOrder("c", "later");
    assertThat(consume("reader")).containsExactly("1", "2", "3");
    assertThat(database.texts("select payload #>> '{}' from howdah.dead_letter")).containsExactly("dead");
  }

  private List<String> consume(String subscription) {
    database.query("select howdah.promote()");
    List<String> all = new ArrayList<>();
    List<String> some;
    do {
      some = database.texts("select payload #>> '{}' from howdah.claim(?, 100, '1 day')", subscription);
      all.addAll(some);
    } while (!some.isEmpty());
    return all;
  }
}
