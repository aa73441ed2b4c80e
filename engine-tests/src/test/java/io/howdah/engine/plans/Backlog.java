package io.howdah.engine.plans;

import io.howdah.testkit.TestDatabase;

/** Makes queues with many messages, quickly. */
final class Backlog {
  private static final int STATEMENT = 10_000;

  private Backlog() {
  }

  /** Publishes so many messages and gives them positions. */
  static void publish(TestDatabase database, String queue, int messages) {
    for (int left = messages; left > 0; left -= STATEMENT) {
      database.query("""
          select cardinality(howdah.publish_many(?, array_agg(format('{"n": %s}', n)), array_agg('some.topic'::text),
            array_agg('key' || n % 100)))
          from generate_series(1, ?) n""", queue, Math.min(left, STATEMENT));
    }
    database.query("select howdah.sequence(?)", queue);
  }

  /** Claims and settles so many slices, each in a transaction of its own. */
  static void settleSlices(TestDatabase database, String queue, int slices, int messages) {
    database.query("""
        do $$
        begin
          for i in 1..%d loop
            perform howdah.settle(token) from (select min(token) as token from howdah.claim('%s', %d)) c
            where token is not null;
            commit;
          end loop;
        end
        $$""".formatted(slices, queue, messages));
  }
}
