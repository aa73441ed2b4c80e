package io.howdah.internal.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.WorkerOptions;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CrewTest {

  private static final String LAST = "last";

  private final BlockingQueue<String> work = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  private final class Failing implements Crew.Duty<String> {

    @Override
    public @Nullable String take() {
      try {
        String next = work.take();
        return next.equals(LAST) ? null : next;
      } catch (InterruptedException e) {
        return null;
      }
    }

    @Override
    public void handle(String piece, Hand hand) {
      hand.begin(false, () -> {
      });
      if (piece.equals("bad")) {
        throw new AssertionError("on purpose: a defect");
      }
      hand.end();
      told.add("handled " + piece);
    }

    @Override
    public void failed(String piece) {
      told.add("failed " + piece);
    }

    @Override
    public void over(String piece) {
      told.add("over " + piece);
    }
  }

  @Test
  void aThreadWhoseWorkThrowsWhateverItIsGivesTheWorkBackAndGoesOn() throws InterruptedException {
    new Crew<>("test", new Failing(), Means.alone("test", WorkerOptions.defaults()).keeper()).start(1);
    work.add("bad");
    work.add("good");
    for (String expected : new String[]{"failed bad", "over bad", "handled good", "over good"}) {
      assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo(expected);
    }
    work.add(LAST);
  }
}
