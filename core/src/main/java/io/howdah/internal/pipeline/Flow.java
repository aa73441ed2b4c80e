package io.howdah.internal.pipeline;

import io.howdah.Ack;
import io.howdah.Delivery;
import io.howdah.Outcome;
import io.howdah.Pipeline;
import io.howdah.PipelineEvent;
import io.howdah.PipelineMessage;
import io.howdah.PipelineOptions;
import io.howdah.internal.subscription.Call;
import io.howdah.internal.subscription.Failures;
import io.howdah.internal.subscription.Hand;
import io.howdah.internal.subscription.Means;
import io.howdah.internal.subscription.Slice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * A pipeline as the worker's loop sees it: slices go in, answers come out.
 *
 * <p>
 * The worker's only hand prepares what was claimed and gives it to the
 * {@link Processors}; these give to the {@link Batchers} what is to go there. A
 * message is answered when its way has ended, and the loop, which owns lease,
 * settling and reconnecting, never knows the difference. What is claimed is
 * bounded by what all stages together can hold: two messages for each
 * processor, and two batches for each that is handled at a time. In an ordered
 * subscription keys are partitions; what comes behind a message that fails is
 * answered with it, and goes no further.
 */
public final class Flow<T> implements Call<T> {

  private static final String PREPARE = "prepare";
  private static final String PROCESSOR = "processor";

  private final Pipeline<T> pipeline;
  private final Means means;
  private final Events events;
  private final Verdict<T> verdict;
  private final Processors<T> processors;
  private final Batchers<T> batchers;
  private final Rate rate;
  private final int concurrency;
  private final int window;

  /** {@code ended} is told each message with its acknowledgement. */
  public Flow(Pipeline<T> pipeline, PipelineOptions options, Means means, BiConsumer<PipelineMessage<T>, Ack> ended) {
    this.pipeline = pipeline;
    this.means = means;
    this.events = new Events(means.name(), options.listener());
    this.rate = new Rate(options.rate(), System::nanoTime);
    this.concurrency = options.worker().concurrency();
    this.window = 2 * concurrency
        + pipeline.batchers().values().stream().mapToInt(each -> 2 * each.size() * each.concurrency()).sum();
    this.verdict = new Verdict<>(pipeline.acks(), means, events, options.atMostOnce(), ended);
    this.batchers = new Batchers<>(pipeline, means, verdict, events);
    this.processors = new Processors<>(means.name(), concurrency, this::process, means.keeper(), means.signal()::raise);
  }

  /** Nobody wants to know how messages were acknowledged. */
  public static <T> BiConsumer<PipelineMessage<T>, Ack> nobody() {
    return (message, ack) -> {
    };
  }

  @Override
  public Feed feed() {
    return Feed.AHEAD;
  }

  @Override
  public int room(int unanswered) {
    int free = window - unanswered;
    return free >= concurrency || processors.hungry() > 0 ? Math.clamp(rate.allowance(), 0, Math.max(0, free)) : 0;
  }

  @Override
  public long untilRoom() {
    return rate.untilAllowance();
  }

  @Override
  public void claimed(Slice<T> slice, long tookNanos) {
    int messages = slice.deliveries().size();
    rate.claimed(messages);
    events.tell(new PipelineEvent.BatchClaimed(events.source(), messages, Duration.ofNanos(tookNanos)));
  }

  @Override
  public void on(Slice<T> slice, Hand hand) {
    if (!slice.startAll()) {
      return;
    }
    List<Passage<T>> passages = new ArrayList<>(
        IntStream.range(0, slice.deliveries().size()).mapToObj(i -> new Passage<>(slice, i)).toList());
    passages.removeIf(this::failsToPartition);
    pipeline.preparer().ifPresent(preparer -> prepare(preparer, passages, hand));
    processors.add(passages);
  }

  private boolean failsToPartition(Passage<T> passage) {
    if (passage.isOrdered()) {
      return false;
    }
    try {
      pipeline.partition().ifPresent(partition -> passage.setPartition(partition.apply(passage.delivery())));
      return false;
    } catch (Throwable e) {
      verdict.failure(List.of(passage), PREPARE, e);
      return true;
    }
  }

  /** Leaves those in the list that go on. */
  private void prepare(Pipeline.Preparer<T> preparer, List<Passage<T>> passages, Hand hand) {
    List<Passage<T>> all = List.copyOf(passages);
    hand.begin(false, () -> verdict.timeout(all, PREPARE));
    List<PipelineMessage<T>> answer;
    Throwable failure = Failures.noAnswer();
    try {
      answer = preparer.prepare(all.stream().map(Passage::message).toList());
    } catch (Throwable e) {
      answer = null;
      failure = e;
    }
    if (!hand.end()) {
      passages.clear();
    } else if (answer == null) {
      passages.clear();
      verdict.failure(all, PREPARE, failure);
    } else {
      List<Passage<T>> failed = verdict.takeOver(all, answer);
      passages.removeAll(failed);
      if (!failed.isEmpty()) {
        verdict.failure(failed, PREPARE);
      }
    }
  }

  private void process(Passage<T> passage, Hand hand) {
    if (passage.isAbandoned()) {
      passage.release();
    }
    if (!passage.isOpen()) {
      return;
    }
    Duration waited = passage.age();
    long begun = System.nanoTime();
    hand.begin(passage.isOrdered(), () -> verdict.timeout(List.of(passage), PROCESSOR));
    PipelineMessage<T> answer = answer(passage);
    if (!hand.end()) {
      return;
    }
    if (answer.failure() == null) {
      passage.setMessage(answer);
      events.tell(new PipelineEvent.MessageProcessed(events.source(), passage.delivery().id(), waited,
          Duration.ofNanos(System.nanoTime() - begun)));
      batchers.add(passage);
    } else {
      passage.setMessage(answer);
      verdict.failure(List.of(passage), PROCESSOR);
    }
  }

  private PipelineMessage<T> answer(Passage<T> passage) {
    PipelineMessage<T> message = passage.message();
    try {
      PipelineMessage<T> answer = pipeline.processor().process(message);
      if (answer == null) {
        throw Failures.noAnswer();
      }
      return answer.delivery() == message.delivery()
          ? answer
          : message.failed("the processor answered with another message");
    } catch (Throwable e) {
      means.failures().tell(e);
      return message.failed(e);
    }
  }

  @Override
  public void settled(Slice<T> slice, BitSet indexes) {
    indexes.stream().forEach(index -> settled(slice, index));
  }

  private void settled(Slice<T> slice, int index) {
    Delivery<T> delivery = slice.deliveries().get(index);
    Outcome outcome = Objects.requireNonNull(slice.outcome(index));
    events.tell(new PipelineEvent.MessageAcknowledged(events.source(), delivery.id(), Passage.ack(outcome),
        Duration.ofNanos(System.nanoTime() - slice.claimedAt())));
  }

  @Override
  public void lapsed(Slice<T> slice) {
    events.tell(new PipelineEvent.LeaseLapsed(events.source(), slice.unsettled()));
    sweep();
  }

  @Override
  public void sweep() {
    processors.sweep();
  }

  /** While messages are processed, batches may still become full. */
  @Override
  public void flush() {
    if (processors.areIdle()) {
      batchers.flush();
    }
  }

  @Override
  public void stop() {
    processors.stop();
    batchers.hurry();
  }

  @Override
  public void interrupt() {
    processors.interrupt();
    batchers.interrupt();
  }

  @Override
  public void end() {
    batchers.stop();
  }
}
