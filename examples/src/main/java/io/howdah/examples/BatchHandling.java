package io.howdah.examples;

import static io.howdah.Outcome.retry;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Outcomes;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import java.util.List;

/** A handler that gets many messages at once and answers for each of them. */
public final class BatchHandling {

  /** Takes many texts at a time; returns those that it could not take. */
  @FunctionalInterface
  public interface Index {
    List<String> add(List<String> texts);
  }

  private BatchHandling() {
  }

  /** Starts to fill the index; the caller closes the worker. */
  public static Worker work(Howdah howdah, Index index) {
    Queue<String> texts = howdah.queue("texts", String.class).create();
    // region: batches
    Worker worker = texts.consumeBatches(batch -> {
      List<String> refused = index.add(batch.stream().map(Delivery::payload).toList());
      Outcomes outcomes = Outcomes.done();
      for (Delivery<String> delivery : batch) {
        if (refused.contains(delivery.payload())) {
          outcomes = outcomes.except(delivery, retry("the index refused it"));
        }
      }
      return outcomes;
    }, WorkerOptions.defaults().withConcurrency(4).withFetch(1_000));
    // endregion
    return worker;
  }
}
