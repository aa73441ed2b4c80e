package io.howdah.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.PipelineRate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateTest {

  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final AtomicLong now = new AtomicLong(-Duration.ofMillis(250).toNanos());
  private final Rate rate = new Rate(new PipelineRate(10, INTERVAL), now::get);

  @Test
  void noStretchOfTheIntervalsLengthHasMoreMessagesThanItAllows() {
    Random random = new Random(7);
    List<long[]> claims = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      now.addAndGet(random.nextLong(Duration.ofMillis(30).toNanos()));
      int allowed = rate.allowance();
      assertThat(allowed).isBetween(0, 10);
      if (allowed > 0) {
        int taken = 1 + random.nextInt(allowed);
        rate.claimed(taken);
        claims.add(new long[]{now.get(), taken});
      }
      long since = now.get() - INTERVAL.toNanos();
      assertThat(claims.stream().filter(claim -> claim[0] > since).mapToLong(claim -> claim[1]).sum())
          .isLessThanOrEqualTo(10);
    }
    assertThat(claims.stream().mapToLong(claim -> claim[1]).sum()).as("and it is used").isGreaterThan(2_000);
  }

  @Test
  void itTellsWhenThereIsAnAllowanceAgain() {
    assertThat(rate.untilAllowance()).isEqualTo(Long.MAX_VALUE);
    rate.claimed(4);
    now.addAndGet(1_000);
    rate.claimed(6);
    assertThat(rate.allowance()).isZero();
    assertThat(rate.untilAllowance()).isEqualTo(INTERVAL.toNanos() - 1_000);
    now.addAndGet(rate.untilAllowance());
    assertThat(rate.allowance()).isEqualTo(4);
    Rate none = new Rate(null, now::get);
    none.claimed(1_000_000);
    assertThat(none.allowance()).isEqualTo(Integer.MAX_VALUE);
  }
}
