package io.howdah.engine.ordering;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random histories of one ordered queue: publish, claim, settle in every way, lapse, operator's verbs. Whatever happens,
 * a key is in one hand at a time, its messages end in the order in which they were published, and none is lost.
 */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RandomOrderTest {
  private static final int STEPS = 400;
  private final TestClock clock;
  private final Session session;
  private final List<Hand> hands = new ArrayList<>();
  private final Map<String, Integer> published = new HashMap<>();
  private final Map<String, Integer> ended = new HashMap<>();
  private Random random = new Random();
  private boolean strict;

  RandomOrderTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.session = database.session("s");
  }

  /** What one consumer holds: messages as key and number. */
  private record Hand(Claim claim, List<Item> items) {
  }

  private record Item(long position, String key, int number) {
  }

  @AfterEach
  void leaveNothingOpen() {
    session.rollback();
    clock.reset();
  }

  @ParameterizedTest
  @CsvSource({"key, 1", "key, 2", "key, 3", "key, 4", "key, 6", "key, 7", "strict, 5", "strict, 10", "job, 11",
      "job, 12"})
  void everyHistoryKeepsTheOrder(String ordering, long seed) {
    random = new Random(seed);
    strict = ordering.equals("strict");
    hands.clear();
    published.clear();
    ended.clear();
    session.execute("select howdah.drop_queue('r', true)");
    session
        .execute("select howdah.create_queue('r', json_build_object('ordering', ?::text, 'backoff', 'fixed', 'delay',"
            + " '3 s', 'max_attempts', 'infinite'))", ordering);
    for (int step = 0; step < STEPS; step++) {
      step();
    }
    hands.clear();
    for (int round = 0; round < 200 && ended.values().stream().mapToInt(n -> n).sum() < total(); round++) {
      clock.advance(Duration.ofMinutes(2));
      claim(1000);
      while (!hands.isEmpty()) {
        settle(hands.removeLast(), false);
      }
    }
    assertThat(ended).isEqualTo(published);
    assertThat(session.execute("select ready + in_flight + scheduled + blocked from howdah.stats('r')").number())
        .isZero();
  }

  private int total() {
    return published.values().stream().mapToInt(n -> n).sum();
  }

  private void step() {
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> publish();
      case 3, 4, 5 -> claim(1 + random.nextInt(6));
      case 6, 7 -> settleSome();
      case 8 -> wait(Duration.ofSeconds(random.nextInt(5)));
      default -> abandon();
    }
  }

  /** Time goes by, and all hands renew their leases. */
  private void wait(Duration duration) {
    clock.advance(duration);
    hands.forEach(
        hand -> assertThat(session.execute("select howdah.renew(?)", hand.claim().token()).text()).isEqualTo("true"));
  }

  private void publish() {
    int count = 1 + random.nextInt(8);
    List<String> keys = new ArrayList<>();
    List<String> payloads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = strict ? "a" : String.valueOf((char) ('a' + (int) Math.abs(random.nextGaussian() * 3)));
      keys.add(key);
      payloads.add(String.valueOf(published.merge(key, 1, Integer::sum)));
    }
    session.execute("select howdah.publish_many('r', string_to_array(?, ','), keys => string_to_array(?, ','))",
        String.join(",", payloads), String.join(",", keys));
  }

  private void claim(int quantity) {
    List<Item> items = new ArrayList<>();
    var rows = session.execute(
        "select token, position, payload::text, attempt, key from howdah.claim('r', ?, '30 s', 't')", quantity);
    if (rows.size() == 0) {
      return;
    }
    rows.values().forEach(
        row -> items.add(new Item((Long) row.get(1), (String) row.get(4), Integer.parseInt((String) row.get(2)))));
    for (Item item : items) {
      for (Hand other : hands) {
        assertThat(other.items()).as("in two hands: %s", item).noneMatch(o -> o.key().equals(item.key()));
      }
    }
    Map<String, Integer> next = new HashMap<>(ended);
    for (Item item : items) {
      assertThat(item.number()).as("out of order: %s", item).isEqualTo(next.merge(item.key(), 1, Integer::sum));
    }
    hands.add(new Hand(Claim.of(rows), items));
  }

  private void settleSome() {
    if (!hands.isEmpty()) {
      settle(hands.remove(random.nextInt(hands.size())), true);
    }
  }

  private void settle(Hand hand, boolean mixed) {
    if (mixed && random.nextInt(4) > 0) {
      settleMixed(hand, random.nextInt(3) == 0);
    } else {
      assertThat(hand.claim().done(session)).isEqualTo("settled");
      hand.items().forEach(item -> ended.merge(item.key(), 1, Integer::sum));
    }
  }

  /** From the first message of a key on that is not done, nothing of the key is named. */
  private void settleMixed(Hand hand, boolean open) {
    List<String> positions = new ArrayList<>();
    List<String> outcomes = new ArrayList<>();
    Map<String, Boolean> stopped = new HashMap<>();
    List<Item> left = new ArrayList<>();
    for (Item item : hand.items()) {
      String outcome = List.of("done", "done", "done", "retry", "release", "none").get(random.nextInt(6));
      if (stopped.containsKey(item.key()) || outcome.equals("none")) {
        if (stopped.computeIfAbsent(item.key(), key -> true)) {
          left.add(item);
        }
        continue;
      } else if (outcome.equals("done")) {
        ended.merge(item.key(), 1, Integer::sum);
      } else {
        stopped.put(item.key(), false);
      }
      positions.add(String.valueOf(item.position()));
      outcomes.add(outcome);
    }
    boolean stays = open && !positions.isEmpty();
    String answer = session
        .execute("select howdah.settle(?, string_to_array(?, ',')::bigint[], string_to_array(?, ','), rest => ?)",
            hand.claim().token(), String.join(",", positions), String.join(",", outcomes), stays ? "open" : "release")
        .text();
    assertThat(answer).isEqualTo(stays && !left.isEmpty() ? "open" : "settled");
    if (answer.equals("open")) {
      hands.add(new Hand(hand.claim(), left));
    }
  }

  /** The consumer dies: its leases lapse. */
  private void abandon() {
    if (!hands.isEmpty() && random.nextInt(3) == 0) {
      hands.clear();
      clock.advance(Duration.ofSeconds(31));
    }
  }
}
