package io.howdah.internal.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.WorkerOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AppetiteTest {

  private static final WorkerOptions OPTIONS = WorkerOptions.defaults().withConcurrency(4).withFetch(1000);

  @Test
  void asLongAsNothingIsKnownOnlyIdleHandsAsk() {
    Appetite appetite = new Appetite(OPTIONS, Call.Feed.BY_TIME);

    assertThat(appetite.ask(0, 0, 4)).isEqualTo(4);
    assertThat(appetite.ask(4, 1, 4)).isZero();
    assertThat(appetite.ask(0, 0, 0)).isZero();
  }

  @Test
  void aFastHandlerGetsTheWholeFetchAndOneAhead() {
    Appetite appetite = new Appetite(OPTIONS, Call.Feed.BY_TIME);
    appetite.learn(4, 4_000, 800);

    assertThat(appetite.ask(0, 0, 4)).isEqualTo(1000);
    assertThat(appetite.ask(999, 1, 0)).isEqualTo(1000);
    assertThat(appetite.ask(1000, 1, 0)).isZero();
  }

  @Test
  void halfASecondOfWorkIsClaimedAhead() {
    Appetite appetite = new Appetite(OPTIONS, Call.Feed.BY_TIME);
    appetite.learn(10, Duration.ofMillis(100).toNanos(), 2000);

    assertThat(appetite.ask(0, 0, 4)).isEqualTo(200);
  }

  @Test
  void forASlowHandlerNothingIsClaimedAhead() {
    Appetite appetite = new Appetite(OPTIONS, Call.Feed.BY_TIME);
    appetite.learn(4, Duration.ofSeconds(8).toNanos(), 800);

    assertThat(appetite.ask(0, 0, 0)).isZero();
    assertThat(appetite.ask(0, 0, 3)).isEqualTo(3);
    assertThat(appetite.ask(2, 1, 3)).isEqualTo(1);
  }

  @Test
  void largeMessagesAreClaimedInSmallNumbers() {
    Appetite appetite = new Appetite(OPTIONS, Call.Feed.BY_CLAIM);
    assertThat(appetite.ask(0, 0, 1)).isEqualTo(16);
    appetite.learn(16, 1_000, 16L << 20);

    assertThat(appetite.ask(0, 0, 1)).isEqualTo(16);
  }

  @Test
  void aBatchIsAsLargeAsItMayBe() {
    Appetite appetite = new Appetite(OPTIONS, Call.Feed.BY_CLAIM);
    appetite.learn(16, Duration.ofSeconds(2).toNanos(), 3_200);

    assertThat(appetite.ask(0, 0, 1)).isEqualTo(1000);
    assertThat(appetite.ask(0, 0, 0)).isZero();
  }
}
