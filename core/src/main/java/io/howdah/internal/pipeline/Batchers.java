package io.howdah.internal.pipeline;

import io.howdah.Pipeline;
import io.howdah.PipelineBatch;
import io.howdah.PipelineBatcher;
import io.howdah.PipelineEvent;
import io.howdah.PipelineMessage;
import io.howdah.internal.subscription.Batcher;
import io.howdah.internal.subscription.Failures;
import io.howdah.internal.subscription.Hand;
import io.howdah.internal.subscription.Means;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The batchers of a pipeline, by name. */
final class Batchers<T> {

  private final Pipeline<T> pipeline;
  private final Means means;
  private final Verdict<T> verdict;
  private final Events events;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private final Map<String, List<Batcher<Passage<T>>>> made = new HashMap<>();
  private boolean hurried;
  private boolean stopped;

  Batchers(Pipeline<T> pipeline, Means means, Verdict<T> verdict, Events events) {
    this.pipeline = pipeline;
    this.means = means;
    this.verdict = verdict;
    this.events = events;
  }

  /** The batchers of a name, made when the first message comes; none if the pipeline has no such batcher. */
  private List<Batcher<Passage<T>>> named(String name, boolean ordered) {
    PipelineBatcher<T> batcher = pipeline.batchers().get(name);
    if (batcher == null) {
      return List.of();
    }
    lock.lock();
    try {
      return made.computeIfAbsent(name, each -> lanes(name, batcher, ordered || pipeline.partition().isPresent()));
    } finally {
      lock.unlock();
    }
  }

  /** Where partitions are kept in order, each belongs to one of as many batchers as there are threads. */
  private List<Batcher<Passage<T>>> lanes(String name, PipelineBatcher<T> batcher, boolean ordered) {
    int lanes = ordered ? batcher.concurrency() : 1;
    List<Batcher<Passage<T>>> batchers = new ArrayList<>();
    for (int i = 0; i < lanes; i++) {
      Batcher.Rules rules = new Batcher.Rules(means.name() + "-" + name, batcher.size(), batcher.longestWait(),
          batcher.concurrency() / lanes);
      Batcher<Passage<T>> lane = new Batcher<>(rules, new Stage(name, batcher.handler()), means.keeper(),
          means.signal()::raise);
      batchers.add(lane);
      if (hurried) {
        lane.hurry();
      }
      if (stopped) {
        lane.stop();
      }
    }
    return batchers;
  }

  /** Takes a message that was processed to where it wants to go; waits while there is no room. */
  void add(Passage<T> passage) {
    PipelineMessage<T> message = passage.message();
    String name = message.batcher() == null ? Pipeline.DEFAULT_BATCHER : message.batcher();
    List<Batcher<Passage<T>>> lanes = named(name, passage.isOrdered());
    if (!lanes.isEmpty()) {
      Object partition = passage.partition();
      int lane = partition == null ? 0 : Math.floorMod(partition.hashCode(), lanes.size());
      try {
        lanes.get(lane).add(GivenKey.of(message.batchKey()), passage);
      } catch (Throwable e) {
        verdict.failure(List.of(passage), "processor", e);
      }
    } else if (message.batcher() == null) {
      verdict.success(passage);
    } else {
      passage.setMessage(message.failed("the pipeline has no batcher \"" + name + "\""));
      verdict.failure(List.of(passage), "processor");
    }
  }

  /** One batcher's handler. */
  private final class Stage implements Batcher.Handling<Passage<T>> {

    private final String name;
    private final Pipeline.BatchProcessor<T> handler;

    Stage(String name, Pipeline.BatchProcessor<T> handler) {
      this.name = name;
      this.handler = handler;
    }

    @Override
    public void release(Passage<T> passage) {
      passage.release();
    }

    @Override
    public void leave(Passage<T> passage) {
      passage.leave();
    }

    @Override
    public void handle(Batcher.Lot<Passage<T>> lot, Hand hand) {
      List<Passage<T>> passages = lot.entries().stream().filter(passage -> passage.isOpen() && !passage.isLost())
          .toList();
      if (passages.isEmpty()) {
        return;
      }
      PipelineBatch<T> batch = new PipelineBatch<>(name, ((GivenKey) lot.key()).value(), lot.trigger(),
          passages.stream().map(Passage::message).toList());
      long begun = System.nanoTime();
      hand.begin(passages.getFirst().isOrdered(), () -> verdict.timeout(passages, stage()));
      List<PipelineMessage<T>> answer = null;
      Throwable failure = Failures.noAnswer();
      try {
        answer = handler.handle(batch);
      } catch (Throwable e) {
        failure = e;
      }
      if (hand.end()) {
        int failed = conclude(passages, answer, failure);
        events.tell(new PipelineEvent.BatchFlushed(events.source(), batch, failed,
            Duration.ofNanos(begun - lot.since()), Duration.ofNanos(System.nanoTime() - begun)));
      }
    }

    private String stage() {
      return "batcher " + name;
    }

    /** Returns how many have failed. */
    private int conclude(List<Passage<T>> passages, @Nullable List<PipelineMessage<T>> answer, Throwable failure) {
      if (answer == null) {
        verdict.failure(passages, stage(), failure);
        return passages.size();
      }
      List<Passage<T>> failed = verdict.takeOver(passages, answer);
      for (Passage<T> passage : passages) {
        if (passage.message().failure() == null) {
          verdict.success(passage);
        }
      }
      if (!failed.isEmpty()) { // the last one first, so that none is taken for one that waits behind a failure
        verdict.failure(passages.getFirst().isOrdered() ? failed.reversed() : failed, stage());
      }
      return failed.size();
    }
  }

  private List<Batcher<Passage<T>>> all() {
    lock.lock();
    try {
      return made.values().stream().flatMap(List::stream).toList();
    } finally {
      lock.unlock();
    }
  }

  void flush() {
    all().forEach(Batcher::flush);
  }

  void hurry() {
    lock.lock();
    hurried = true;
    lock.unlock();
    all().forEach(Batcher::hurry);
  }

  /** Threads that wait end, and what waits is handed back. */
  void stop() {
    lock.lock();
    stopped = true;
    lock.unlock();
    all().forEach(Batcher::stop);
  }

  void interrupt() {
    stop();
    all().forEach(Batcher::interrupt);
  }
}
