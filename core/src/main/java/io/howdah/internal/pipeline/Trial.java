package io.howdah.internal.pipeline;

import io.howdah.Ack;
import io.howdah.Delivery;
import io.howdah.Durations;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Ordering;
import io.howdah.Pipeline;
import io.howdah.PipelineMessage;
import io.howdah.PipelineOptions;
import io.howdah.internal.subscription.Claimed;
import io.howdah.internal.subscription.Crew;
import io.howdah.internal.subscription.Hand;
import io.howdah.internal.subscription.Means;
import io.howdah.internal.subscription.Slice;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A pipeline without a worker: one slice that nobody has claimed goes through it, and batches wait for nobody. */
public final class Trial<T> implements Crew.Duty<Slice<T>> {

  private static final String NAME = "trial";
  private static final long LOOK_AGAIN = Duration.ofMillis(10).toNanos();
  private static final long FOREVER = Long.MAX_VALUE / 4;

  private final Flow<T> flow;
  private final AtomicReference<@Nullable Slice<T>> next;

  private Trial(Flow<T> flow, Slice<T> slice) {
    this.flow = flow;
    this.next = new AtomicReference<>(slice);
  }

  /** Returns when each message was acknowledged, which {@code ended} is told. */
  public static <T> void run(Pipeline<T> pipeline, PipelineOptions options, List<Delivery<T>> deliveries, Duration most,
      BiConsumer<PipelineMessage<T>, Ack> ended) {
    if (deliveries.isEmpty()) {
      return;
    }
    Slice<T> slice = new Slice<>(NAME, new Claimed<>(NAME, deliveries), Ordering.none(), System.nanoTime(), FOREVER);
    Means means = Means.alone(NAME, options.worker());
    Flow<T> flow = new Flow<>(pipeline, options, means, ended);
    long deadline = System.nanoTime() + Durations.bounded(most).toNanos();
    flow.claimed(slice, 0);
    new Crew<>(NAME, new Trial<>(flow, slice), means.keeper()).start(1);
    try {
      while (!slice.isAnswered() && deadline - System.nanoTime() > 0) {
        flow.flush();
        means.signal().await(LOOK_AGAIN);
      }
      if (!slice.isAnswered()) {
        flow.interrupt();
        throw new HowdahException(ErrorCode.TIMEOUT, "after " + most
            + " some messages of the trial are still in the pipeline; does a handler wait for something?");
      }
    } finally {
      flow.stop();
      flow.end();
      means.keeper().close();
    }
  }

  @Override
  public @Nullable Slice<T> take() {
    return next.getAndSet(null);
  }

  @Override
  public void handle(Slice<T> slice, Hand hand) {
    flow.on(slice, hand);
  }

  @Override
  public void failed(Slice<T> slice) {
    IntStream.range(0, slice.size()).filter(i -> slice.outcome(i) == null).forEach(slice::leave);
  }

  @Override
  public void over(Slice<T> slice) {
    flow.flush();
  }
}
