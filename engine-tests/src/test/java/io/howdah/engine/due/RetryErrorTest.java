package io.howdah.engine.due;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.engine.delivery.Claim;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.Session;
import io.howdah.testkit.TestClock;
import io.howdah.testkit.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@HowdahTest
class RetryErrorTest {
  private final TestClock clock;
  private final Session a;

  RetryErrorTest(TestDatabase database, TestClock clock) {
    this.clock = clock;
    this.a = database.session("a");
  }

  @Test
  void aRetryTellsWhatWentWrongTheLastTime() {
    a.execute("select howdah.create_queue('q'), howdah.publish('q', '1')");
    for (int attempt = 1; attempt <= 2; attempt++) {
      Claim claim = Claim.of(a, "q", 1);
      a.execute("""
          select howdah.settle(?, array[?], array['retry'], array['1 min'::interval], array['the handler failed'],
            array[?])""", claim.token(), claim.positions().getFirst(), "boom " + attempt + "x".repeat(9_000));
      assertThat(
          a.execute("select concat_ws('|', attempt, reason, left(error, 7), length(error)) from howdah.scheduled('q')")
              .text())
          .isEqualTo(attempt + "|the handler failed|boom " + attempt + "x|8000");
      clock.advance(Duration.ofSeconds(61));
      assertThat(a.execute("select howdah.promote()").number()).isEqualTo(1);
    }
    Claim last = Claim.of(a, "q", 1);
    a.execute("select howdah.settle(?, array[?], array['reject'], errors => array['the last'])", last.token(),
        last.positions().getFirst());
    assertThat(a.execute(
        """
            select concat_ws('|', attempts, error, failed_at - first_failed_at > interval '2 min') from howdah.dead_letters('q')""")
        .text()).isEqualTo("3|the last|t");
  }
}
