package io.howdah.internal.pipeline;

import io.howdah.Ack;
import io.howdah.Delivery;
import io.howdah.Outcome;
import io.howdah.PipelineMessage;
import io.howdah.internal.subscription.Slice;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One message on its way. It is in the hands of one thread at a time. */
final class Passage<T> {

  private final Slice<T> slice;
  private final int index;
  private final Delivery<T> delivery;
  private final long since = System.nanoTime();
  private volatile PipelineMessage<T> message;
  private volatile @Nullable Object partition;

  /** In an ordered subscription its partition is its key, or all messages. */
  Passage(Slice<T> slice, int index) {
    this.slice = slice;
    this.index = index;
    this.partition = slice.lane(index);
    this.delivery = slice.deliveries().get(index);
    this.message = PipelineMessage.of(delivery);
  }

  Delivery<T> delivery() {
    return delivery;
  }

  PipelineMessage<T> message() {
    return message;
  }

  void setMessage(PipelineMessage<T> newMessage) {
    message = newMessage;
  }

  /** What it may not overtake; null: nothing. */
  @Nullable
  Object partition() {
    return partition;
  }

  void setPartition(@Nullable Object newPartition) {
    partition = newPartition == null ? null : GivenKey.of(newPartition);
  }

  Duration age() {
    return Duration.ofNanos(System.nanoTime() - since);
  }

  /** Whether the subscription keeps an order. */
  boolean isOrdered() {
    return slice.isOrdered();
  }

  /** False if it goes back already, because one before it in its order has failed. */
  boolean isOpen() {
    return slice.outcome(index) == null;
  }

  /** Whether its processing may not be begun any more: its lease has run out, or the worker pauses or closes. */
  boolean isAbandoned() {
    return slice.isAbandoned();
  }

  /** Whether its lease has run out: somebody else has it. */
  boolean isLost() {
    return slice.isClosed();
  }

  void release() {
    answer(Outcome.release());
  }

  void answer(Outcome outcome) {
    slice.answer(index, outcome);
  }

  void leave() {
    if (isOpen()) {
      slice.leave(index);
    }
  }

  boolean isLastOfItsClaim() {
    return slice.isAnswered();
  }

  static Ack ack(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done done -> Ack.done();
      case Outcome.Archived archived -> Ack.archive();
      case Outcome.Release release -> Ack.release();
      case Outcome.Reject reject -> Ack.reject();
      case Outcome.Retry retry -> new Ack.Retry(retry.delay());
    };
  }
}
