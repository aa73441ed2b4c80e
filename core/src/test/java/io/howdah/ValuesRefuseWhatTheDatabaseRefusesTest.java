package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

class ValuesRefuseWhatTheDatabaseRefusesTest {

  private static void isInvalid(ThrowingCallable call, String because) {
    assertThatExceptionOfType(HowdahException.class).isThrownBy(call).withMessageContaining(because)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
  }

  @Property(tries = 200)
  void topicOfWordsAndDotsIsFine(
      @ForAll @CharRange(from = 'a', to = 'z') @Chars({'_', '-', ':', '0'}) @StringLength(min = 1, max = 80) String a,
      @ForAll @CharRange(from = 'A', to = 'Z') @StringLength(min = 1, max = 80) String b) {
    assertThat(Message.of("x").withTopic(a + "." + b).topic()).isEqualTo(a + "." + b);
  }

  @Example
  void topicWithAnEmptySegmentIsRefused() {
    isInvalid(() -> Message.of("x").withTopic("a..b"), "a..b");
    isInvalid(() -> Message.of("x").withTopic(""), "topic");
    isInvalid(() -> Message.of("x").withTopic("a".repeat(256)), "255");
  }

  @Property(tries = 200)
  void keyIsMeasuredInBytes(@ForAll @IntRange(min = 86, max = 255) int length) {
    isInvalid(() -> Message.of("x").withKey("€".repeat(length)), "255 bytes");
    assertThat(Message.of("x").withKey("k".repeat(length)).key()).hasSize(length);
  }

  @Example
  void keyWithAControlCharacterIsRefused() {
    isInvalid(() -> Message.of("x").withKey("a\nb"), "control character");
  }

  @Example
  void headersBeyondSixteenKilobytesAreRefused() {
    assertThat(Message.of("x").withHeader("h", "v".repeat(16_000)).headers()).hasSize(1);
    isInvalid(() -> Message.of("x").withHeader("h", "v".repeat(16_384)), "16384");
  }

  @Example
  void headersKeepTheirOrderAndCannotBeChanged() {
    Map<String, String> headers = Message.of("x").withHeader("z", "1").withHeader("a", "2").headers();

    assertThat(headers.keySet()).containsExactly("z", "a");
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> headers.put("b", "3"));
  }

  @Example
  void delayIsBetweenZeroAndTenYears() {
    isInvalid(() -> Message.of("x").withDelay(Duration.ofMillis(-1)), "between 0 and 10 years");
    isInvalid(() -> Message.of("x").withDelay(Duration.ofDays(3654)), "between 0 and 10 years");
    assertThat(Message.of("x").withDelay(Duration.ofDays(3652)).delay()).hasDays(3652);
  }

  @Example
  void optionsSayWhatIsWrong() {
    isInvalid(() -> WorkerOptions.defaults().withConcurrency(0), "concurrency must be between 1 and 10000 but was 0");
    isInvalid(() -> WorkerOptions.defaults().withLease(Duration.ofMillis(10)), "lease must be between PT1S and PT1H");
    isInvalid(() -> PublisherOptions.defaults().withLanes(0), "lanes must be between 1 and 64 but was 0");
    isInvalid(() -> PublisherOptions.defaults().withMaxPendingBytes(10), "maxPendingBytes must be between 1048576");
  }

  @Example
  void reasonsAndErrorsAreCutToTheirLength() {
    assertThat(Outcome.reject("x".repeat(5_000)))
        .isEqualTo(new Outcome.Reject("x".repeat(Outcome.MAX_REASON - 1) + "…", null));
  }

  @Example
  void outcomesNameTheRestAndTheExceptions() {
    Outcomes outcomes = new Outcomes(Outcome.done(), Map.of(7L, Outcome.release()));

    assertThat(outcomes.of(7)).isEqualTo(Outcome.release());
    assertThat(outcomes.of(8)).isEqualTo(Outcome.done());
    assertThat(Outcomes.open().of(8)).isNull();
  }
}
