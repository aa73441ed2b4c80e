package io.howdah.internal.pipeline;

import io.howdah.Ack;
import io.howdah.Outcome;
import io.howdah.Pipeline;
import io.howdah.PipelineEvent;
import io.howdah.PipelineFailure;
import io.howdah.PipelineMessage;
import io.howdah.internal.failure.ErrorText;
import io.howdah.internal.subscription.Failures;
import io.howdah.internal.subscription.Means;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of each message's way: asks the hook about failures, decides how the
 * message is acknowledged, and answers.
 */
final class Verdict<T> {

  private static final Logger LOG = LoggerFactory.getLogger(Verdict.class);

  private final Pipeline.Acks<T> acks;
  private final Means means;
  private final Events events;
  private final boolean settledOnClaim;
  private final BiConsumer<PipelineMessage<T>, Ack> ended;
  private final AtomicBoolean warned = new AtomicBoolean();

  /** {@code ended} is told each message with its acknowledgement. */
  Verdict(Pipeline.Acks<T> acks, Means means, Events events, boolean settledOnClaim,
      BiConsumer<PipelineMessage<T>, Ack> ended) {
    this.acks = acks;
    this.means = means;
    this.events = events;
    this.settledOnClaim = settledOnClaim;
    this.ended = ended;
    if (settledOnClaim && !(acks.onSuccess().equals(Ack.done()) && acks.onFailure().equals(Ack.retry()))) {
      warn();
    }
  }

  private void warn() {
    if (warned.compareAndSet(false, true)) {
      LOG.warn("the pipeline of {} reads at most once, so its messages are settled when they are claimed: "
          + "what it says about acknowledging them is ignored", means.name());
    }
  }

  void success(Passage<T> passage) {
    Ack own = passage.message().onSuccess();
    end(passage, own == null ? acks.onSuccess() : own);
  }

  /** Messages whose failure is known. When the worker interrupts its handlers, it is not theirs. */
  void failure(List<Passage<T>> failed, String stage) {
    if (means.failures().isInterrupting()) {
      failed.forEach(Passage::release);
      means.signal().raise();
      return;
    }
    for (Passage<T> passage : failed) {
      PipelineFailure failure = passage.message().failure();
      if (failure != null) {
        events.tell(new PipelineEvent.MessageFailed(events.source(), passage.delivery().id(), stage, failure));
      }
    }
    acks.hook().ifPresent(hook -> ask(hook, failed));
    for (Passage<T> passage : failed) {
      Ack own = passage.message().onFailure();
      end(passage, own == null ? acks.onFailure() : own);
    }
  }

  private void ask(Pipeline.FailureHook<T> hook, List<Passage<T>> failed) {
    try {
      List<PipelineMessage<T>> answer = hook.handleFailed(failed.stream().map(Passage::message).toList());
      Map<Object, PipelineMessage<T>> byDelivery = byDelivery(answer);
      for (Passage<T> passage : failed) {
        PipelineMessage<T> changed = byDelivery.get(passage.delivery());
        if (changed != null && changed.failure() != null) {
          passage.setMessage(changed);
        }
      }
    } catch (Throwable e) {
      LOG.warn("handleFailed of the pipeline of {} failed; its messages are acknowledged as the pipeline says",
          means.name(), ErrorText.readable(e));
    }
  }

  /** Messages by the delivery that they are made from; a null among them is none. */
  static <T> Map<Object, PipelineMessage<T>> byDelivery(List<PipelineMessage<T>> messages) {
    Map<Object, PipelineMessage<T>> byDelivery = new IdentityHashMap<>();
    for (PipelineMessage<T> message : messages) {
      if (message != null) {
        byDelivery.putIfAbsent(message.delivery(), message);
      }
    }
    return byDelivery;
  }

  /** Takes over what a stage has answered for several messages; those that have failed are returned. */
  List<Passage<T>> takeOver(List<Passage<T>> passages, List<PipelineMessage<T>> answer) {
    Map<Object, PipelineMessage<T>> byDelivery = byDelivery(answer);
    List<Passage<T>> failed = new ArrayList<>();
    for (Passage<T> passage : passages) {
      PipelineMessage<T> answered = byDelivery.get(passage.delivery());
      passage
          .setMessage(answered == null ? passage.message().failed("the answer did not have this message") : answered);
      if (passage.message().failure() != null) {
        failed.add(passage);
      }
    }
    return failed;
  }

  /** All have failed with an exception. */
  void failure(List<Passage<T>> passages, String stage, Throwable e) {
    means.failures().tell(e);
    passages.forEach(passage -> passage.setMessage(passage.message().failed(e)));
    failure(passages, stage);
  }

  /** Called by the time keeper, which must not wait for a hook. */
  void timeout(List<Passage<T>> passages, String stage) {
    passages.forEach(passage -> passage.setMessage(passage.message().failed(Failures.TIMED_OUT)));
    Thread.ofVirtual().name("howdah-timeout-" + means.name()).start(() -> failure(passages, stage));
  }

  private void end(Passage<T> passage, Ack ack) {
    PipelineMessage<T> message = passage.message();
    Outcome outcome = settledOnClaim ? Outcome.done() : outcome(message, ack);
    boolean leaves = !settledOnClaim && ack.equals(Ack.nothing());
    if (settledOnClaim) {
      if (message.onSuccess() != null || message.onFailure() != null) {
        warn();
      }
    }
    ended.accept(message, leaves ? ack : Passage.ack(outcome));
    if (leaves) {
      events.tell(new PipelineEvent.MessageAcknowledged(events.source(), passage.delivery().id(), ack, passage.age()));
      passage.leave();
    } else {
      passage.answer(outcome);
    }
    if (passage.isLastOfItsClaim()) {
      means.signal().raise();
    }
  }

  private Outcome outcome(PipelineMessage<T> message, Ack ack) {
    return switch (ack) {
      case Ack.Plain.DONE -> Outcome.done();
      case Ack.Plain.ARCHIVE -> Outcome.archive();
      case Ack.Plain.RELEASE, Ack.Plain.NOTHING -> Outcome.release();
      case Ack.Plain.REJECT -> new Outcome.Reject(reason(message), error(message));
      case Ack.Retry retry -> retry(message, retry);
    };
  }

  private Outcome retry(PipelineMessage<T> message, Ack.Retry retry) {
    PipelineFailure failure = message.failure();
    if (retry.delay() == null && failure != null && failure.cause() != null) {
      return means.failures().answer(message.delivery(), failure.cause());
    }
    if (retry.delay() == null && failure != null && failure.reason().equals(Failures.TIMED_OUT)) {
      return means.failures().timeout();
    }
    return new Outcome.Retry(retry.delay(), reason(message), error(message));
  }

  private static String reason(PipelineMessage<?> message) {
    PipelineFailure failure = message.failure();
    return failure == null ? "the pipeline acknowledges it so" : failure.reason();
  }

  private static @Nullable String error(PipelineMessage<?> message) {
    PipelineFailure failure = message.failure();
    return failure == null || failure.cause() == null ? null : ErrorText.trace(failure.cause());
  }
}
