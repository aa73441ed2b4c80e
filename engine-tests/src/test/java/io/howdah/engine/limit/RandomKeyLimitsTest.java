package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Rows;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random histories of one queue whose keys are limited: publish, claim, settle in every way, lapse, change of the limits.
 * Whatever happens, no key exceeds its concurrency or, in any period, its rate; and no message is lost or done twice.
 */
@HowdahTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RandomKeyLimitsTest {
  private static final int STEPS = 300;
  private static final Duration PERIOD = Duration.ofSeconds(60);

  private final TestDatabase database;
  private final TestClock clock;
  private final Session session;
  private final List<Hand> hands = new ArrayList<>();
  private final Map<String, Deque<Long>> starts = new HashMap<>();
  private final Set<String> published = new HashSet<>();
  private final Set<String> done = new HashSet<>();
  private Random random = new Random();
  private int concurrency;
  private int rate;

  RandomKeyLimitsTest(TestDatabase database, TestClock clock) {
    this.database = database;
    this.clock = clock;
    this.session = database.session("s");
  }

  private record Hand(Claim claim, List<Item> items) {
  }

  private record Item(long position, @Nullable String key, String payload) {
  }

  @AfterEach
  void leaveNothingOpen() {
    session.rollback();
    clock.reset();
    database.heal();
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 0", "2, 2, 0", "3, 3, 0", "4, 0, 1", "5, 0, 3", "6, 2, 3", "7, 1, 5", "8, 3, 10"})
  void everyHistoryKeepsTheLimitsOfItsKeys(long seed, int keyConcurrency, int keyRate) {
    run(seed, keyConcurrency, keyRate);
    finish();
    assertThat(done).isEqualTo(published);
    assertThat(session.execute("select ready + in_flight + scheduled + dead from howdah.stats('r')").number()).isZero();
    assertThat(session.execute("select count(*) from howdah.parked").number()).isZero();
    assertThat(session.execute("select count(*) from howdah.lane").number()).isZero();
  }

  /** Teeth. */
  @Test
  void roomThatIsNotKeptIsFoundOut() {
    database.sabotage("sort_out", "m.nth > r.room", "m.nth > r.room + 1");
    assertThat(failure(2, 0)).as("the sabotage was found").contains("in flight");
  }

  /** Teeth. */
  @Test
  void lapsedMessagesThatComeAgainWithoutBeingCountedAreFoundOut() {
    database.sabotage("take_back", "if v_sub.key_limited then", "if false then");
    assertThat(failure(0, 3)).as("the sabotage was found").contains("within a period");
  }

  private String failure(int keyConcurrency, int keyRate) {
    for (int seed = 1; seed <= 10; seed++) {
      try {
        run(seed, keyConcurrency, keyRate);
      } catch (AssertionError e) {
        return String.valueOf(e.getMessage());
      }
    }
    return "none";
  }

  private void run(long seed, int keyConcurrency, int keyRate) {
    random = new Random(seed);
    concurrency = keyConcurrency;
    rate = keyRate;
    hands.clear();
    starts.clear();
    published.clear();
    done.clear();
    session.execute("select howdah.drop_queue('r', true)");
    session.execute("select howdah.create_queue('r', ?::json)", """
        {"key_concurrency": %s, "key_rate": %s, %s "backoff": "fixed", "delay": "3 s", "max_attempts": "infinite"}"""
        .formatted(limit(concurrency), limit(rate), rate == 0 ? "" : "\"key_rate_period\": \"" + PERIOD + "\","));
    for (int step = 0; step < STEPS; step++) {
      step();
    }
  }

  private static String limit(int limit) {
    return limit == 0 ? "\"infinite\"" : Integer.toString(limit);
  }

  /** All is claimed and done, in at most as many periods as a key can need. */
  private void finish() {
    for (int round = 0; round < 2000 && done.size() < published.size(); round++) {
      while (!hands.isEmpty()) {
        settle(hands.removeLast());
      }
      if (!claim(1000)) {
        clock.advance(rate == 0 ? Duration.ofSeconds(31) : PERIOD.dividedBy(4));
      }
    }
  }

  private void step() {
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> publish();
      case 3, 4, 5 -> claim(1 + random.nextInt(12));
      case 6, 7 -> {
        if (!hands.isEmpty()) {
          settleMixed(hands.remove(random.nextInt(hands.size())));
        }
      }
      case 8 -> wait(Duration.ofSeconds(random.nextInt(12)));
      default -> abandon();
    }
  }

  private void wait(Duration duration) {
    clock.advance(duration);
    hands.forEach(
        hand -> assertThat(session.execute("select howdah.renew(?)", hand.claim().token()).text()).isEqualTo("true"));
  }

  private void publish() {
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      String payload = Integer.toString(published.size() + 1);
      published.add(payload);
      int key = (int) Math.abs(random.nextGaussian() * 3);
      session.execute("select howdah.publish('r', ?::json, key => ?)", payload, key == 0 ? null : "k" + key);
    }
  }

  private boolean claim(int quantity) {
    Rows rows = session.execute(
        "select token, position, payload::text, attempt, key from howdah.claim('r', ?, '30 s', 't')", quantity);
    List<Item> items = rows.values().stream()
        .map(row -> new Item((Long) row.get(1), (String) row.get(4), String.valueOf(row.get(2)))).toList();
    if (items.isEmpty()) {
      return false;
    }
    hands.add(new Hand(Claim.of(rows), new ArrayList<>(items)));
    long now = clock.now().toEpochMilli();
    for (Item item : items) {
      assertThat(done).as("done already").doesNotContain(item.payload());
      String key = item.key();
      if (key != null) {
        check(key, now);
      }
    }
    return true;
  }

  private void check(String key, long now) {
    long inFlight = hands.stream().flatMap(hand -> hand.items().stream()).filter(item -> key.equals(item.key()))
        .count();
    assertThat(inFlight).as("of %s in flight", key).isLessThanOrEqualTo(concurrency == 0 ? 1_000_000 : concurrency);
    Deque<Long> times = starts.computeIfAbsent(key, k -> new ArrayDeque<>());
    times.add(now);
    while (now - times.getFirst() >= PERIOD.toMillis()) {
      times.removeFirst();
    }
    assertThat(times.size()).as("of %s within a period", key).isLessThanOrEqualTo(rate == 0 ? 1_000_000 : rate);
  }

  private void settle(Hand hand) {
    assertThat(hand.claim().done(session)).isEqualTo("settled");
    hand.items().forEach(item -> assertThat(done.add(item.payload())).isTrue());
  }

  private void settleMixed(Hand hand) {
    List<String> positions = new ArrayList<>();
    List<String> outcomes = new ArrayList<>();
    List<Item> left = new ArrayList<>();
    for (Item item : hand.items()) {
      String outcome = List.of("done", "done", "done", "retry", "release", "none").get(random.nextInt(6));
      if (outcome.equals("none")) {
        left.add(item);
        continue;
      } else if (outcome.equals("done")) {
        assertThat(done.add(item.payload())).isTrue();
      }
      positions.add(String.valueOf(item.position()));
      outcomes.add(outcome);
    }
    boolean open = !positions.isEmpty() && random.nextInt(3) == 0;
    String answer = session
        .execute("select howdah.settle(?, string_to_array(?, ',')::bigint[], string_to_array(?, ','), rest => ?)",
            hand.claim().token(), String.join(",", positions), String.join(",", outcomes), open ? "open" : "release")
        .text();
    assertThat(answer).isEqualTo(open && !left.isEmpty() ? "open" : "settled");
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
