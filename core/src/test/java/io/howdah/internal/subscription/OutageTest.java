package io.howdah.internal.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OutageTest {

  private static final HowdahException CUT = new HowdahException(ErrorCode.UNAVAILABLE, "cut");

  private final Counters counters = new Counters();
  private final AtomicLong now = new AtomicLong();
  private final Outage outage = new Outage("q", counters, now::get);

  private void passes(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private long outages() {
    return counters.stats().outages();
  }

  @Test
  void connectionsThatAreCutOneAfterTheOtherAreOneOutage() {
    for (int i = 0; i < 20; i++) {
      outage.failed(CUT);
      outage.succeeded();
      passes(Duration.ofSeconds(5));
      outage.succeeded();
    }

    assertThat(outages()).isEqualTo(1);
  }

  @Test
  void afterAWhileWithoutAFailureTheNextOneIsAnotherOutage() {
    outage.failed(CUT);
    outage.succeeded();
    passes(Duration.ofSeconds(10));
    outage.succeeded();
    outage.failed(CUT);

    assertThat(outages()).isEqualTo(2);
  }

  @Test
  void anOutageIsNotOverWhileNothingSucceeds() {
    outage.failed(CUT);
    passes(Duration.ofMinutes(10));
    outage.failed(CUT);
    outage.succeeded();
    outage.failed(CUT);

    assertThat(outages()).isEqualTo(1);
  }

  @Test
  void theFirstSuccessMakesTheNextAttemptPromptAgain() {
    for (int i = 0; i < 10; i++) {
      outage.failed(CUT);
    }
    assertThat(Duration.ofNanos(outage.failed(CUT))).isGreaterThan(Duration.ofSeconds(2));

    outage.succeeded();

    assertThat(Duration.ofNanos(outage.failed(CUT))).isLessThanOrEqualTo(Duration.ofMillis(100));
  }

  @Test
  void aFewTransactionsInTheWayAreNoOutage() {
    HowdahException contention = new HowdahException(ErrorCode.CONTENTION, "in the way");
    for (int i = 0; i < 5; i++) {
      outage.failed(contention);
    }
    assertThat(outages()).isZero();

    outage.failed(contention);

    assertThat(outages()).isEqualTo(1);
  }
}
