package io.howdah.engine.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testkit.TestDatabase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** When a queue handed out its messages, in microseconds of the database's clock, by the database's own record. */
record HandedOut(List<Long> times) {
  private static final long SECOND = 1_000_000;

  /** Of one key, or, with null, of the whole queue. */
  static HandedOut of(TestDatabase database, String queue, @Nullable String key) {
    return new HandedOut(database.query("""
        select (extract(epoch from s.at) * 1000000)::bigint
        from howdah.subscription b
          join howdah.slice s on s.sub = b.id
          cross join lateral generate_series(1, case when ?::text is null then s.n
            else cardinality(array_positions(s.keys, howdah.key_hash('none', ?, 0))) end)
        where b.name = ? and s.n > 0
        order by 1""", key, key, queue).values().stream().map(row -> (Long) row.getFirst()).toList());
  }

  static long now(TestDatabase database) {
    return database.number("select (extract(epoch from howdah.now()) * 1000000)::bigint");
  }

  /** No second has more, wherever it begins. */
  void assertNoSecondHasMoreThan(int rate, String what) {
    for (int i = rate; i < times.size(); i++) {
      assertThat(times.get(i) - times.get(i - rate)).as("from one to the %d. after it of %s", rate, what)
          .isGreaterThanOrEqualTo(SECOND);
    }
  }

  /** At least 95 % of the rate is used between two times, of which so much is left out. */
  void assertUsed(int rate, long from, long to, long stalled) {
    long count = times.stream().filter(at -> at >= from && at < to).count();
    assertThat(count * SECOND)
        .as("in %d ms, of which machine and database stood still for %d", (to - from) / 1000, stalled / 1000)
        .isGreaterThanOrEqualTo(rate * (to - from - stalled) / 100 * 95);
  }
}
