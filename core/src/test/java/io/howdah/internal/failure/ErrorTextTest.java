package io.howdah.internal.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Whatever a handler throws can be told. */
class ErrorTextTest {

  private static final class Unreadable extends Error {
    @Override
    public String getMessage() {
      throw new IllegalStateException("on purpose");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("on purpose");
    }

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("on purpose");
    }
  }

  private static Throwable deep(int calls, Throwable thrown) {
    return calls == 0 ? new IllegalStateException("deep down", thrown) : deep(calls - 1, thrown);
  }

  @Test
  void classMessageStackAndCausesAreTold() {
    String text = ErrorText.trace(new IllegalStateException("no stock", new IllegalArgumentException("shelf 7")));
    assertThat(text).startsWith("java.lang.IllegalStateException: no stock\n\tat ")
        .contains("ErrorTextTest.classMessageStackAndCausesAreTold")
        .contains("\nCaused by: java.lang.IllegalArgumentException: shelf 7");
  }

  @Test
  void aLongStackLeavesRoomForItsCauseAndAllOfItHasFourThousandCharacters() {
    String text = ErrorText.trace(deep(300, new IllegalArgumentException("x".repeat(9_000))));
    assertThat(text).startsWith("java.lang.IllegalStateException: deep down\n\tat ")
        .contains("\nCaused by: java.lang.IllegalArgumentException: xxx");
    assertThat(text.length()).isBetween(3_000, 4_000);
  }

  @Test
  void ofOneThatCannotBeReadTheClassIsTold() {
    Throwable unreadable = new Unreadable();
    assertThat(ErrorText.line(unreadable)).startsWith(Unreadable.class.getName() + ": (its message cannot be read");
    assertThat(ErrorText.trace(unreadable)).startsWith(Unreadable.class.getName()).contains("\n\tat ");
    assertThat(ErrorText.readable(unreadable).toString()).contains(Unreadable.class.getName());
    assertThat(ErrorText.trace(new IllegalStateException("outer", unreadable))).contains("outer")
        .contains("Caused by: " + Unreadable.class.getName());
  }

  @Test
  void oneThatIsItsOwnCauseEnds() {
    IllegalStateException one = new IllegalStateException("one");
    one.initCause(new IllegalStateException("two", one));
    assertThat(ErrorText.trace(one)).contains("one").contains("Caused by: java.lang.IllegalStateException: two");
  }
}
