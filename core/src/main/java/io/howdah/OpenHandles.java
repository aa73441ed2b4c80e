package io.howdah;

import io.howdah.internal.catalogue.Catalogue;
import io.howdah.internal.pipeline.Flow;
import io.howdah.internal.stream.Fusion;
import io.howdah.internal.stream.Outlet;
import io.howdah.internal.subscription.Inlet;
import io.howdah.internal.subscription.LongPoll;
import io.howdah.internal.subscription.Tap;
import io.howdah.internal.subscription.Treatment;
import io.howdah.internal.subscription.WorkLoop;
import io.howdah.internal.wakeup.Bell;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Publishers, workers and listeners of a {@link Howdah}: opens them, and closes with it what is still open. */
final class OpenHandles implements AutoCloseable {
  private final Bell bell;
  private final Catalogue catalogue;
  private final HowdahOptions options;
  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();

  OpenHandles(Bell bell, Catalogue catalogue, HowdahOptions options) {
    this.bell = bell;
    this.catalogue = catalogue;
    this.options = options;
  }

  <T> Publisher<T> publisher(Outlet<T> outlet, PublisherOptions publisherOptions, FailureListener listener) {
    outlet.refuseOutsideOfTransaction(true);
    return keep(new Publisher<>(new Fusion<>(outlet, publisherOptions, listener), this::forget));
  }

  <T> Worker work(Inlet<T> inlet, Treatment<T> treatment, WorkerOptions workerOptions) {
    boolean enabled = options.enables(inlet.subscription(), workerOptions.owner());
    Worker worker = keep(new Worker(WorkLoop.start(inlet, bell, treatment, workerOptions, enabled), this::forget));
    var forgotten = worker.termination().whenComplete((nothing, failure) -> forget(worker));
    assert forgotten != null;
    return worker;
  }

  <T> Worker work(Inlet<T> inlet, Pipeline<T> pipeline, PipelineOptions pipelineOptions) {
    return work(inlet, new Treatment.Staged<>(pipelineOptions.reading(), pipelineOptions.atMostOnce(),
        means -> new Flow<>(pipeline, pipelineOptions, means, Flow.nobody())), pipelineOptions.worker());
  }

  <T> Events<T> listen(Inlet<T> inlet) {
    String subscription = inlet.subscription();
    Tap<T> tap = new Tap<>(inlet, new LongPoll(bell, subscription), ProcessName.NAME,
        () -> catalogue.dropSubscription(subscription, true));
    return keep(new Events<>(subscription, tap, this::forget));
  }

  /** Closes all of them at the same time, each with its own time-out or grace. */
  @Override
  public void close() {
    List<Thread> closing = open.stream().map(each -> Thread.ofVirtual().start(() -> closeOne(each))).toList();
    try {
      for (Thread thread : closing) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeOne(AutoCloseable each) {
    try {
      each.close();
    } catch (Exception e) {
      throw new HowdahException(ErrorCode.INTERNAL, "a worker or publisher could not be closed", e);
    }
  }

  private <C extends AutoCloseable> C keep(C each) {
    open.add(each);
    return each;
  }

  private void forget(AutoCloseable each) {
    open.remove(each);
  }
}
