package io.howdah.examples;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.reject;
import static io.howdah.Outcome.retryIn;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.howdah.FailureOptions;
import io.howdah.Howdah;
import io.howdah.Queue;
import io.howdah.RetryPolicy;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import java.net.ConnectException;
import java.net.SocketTimeoutException;

/** Calls to a service that is not always there. */
public final class Retries {

  /** The service. */
  @FunctionalInterface
  public interface Service {
    /** The HTTP status of its answer. */
    int call(String request) throws Exception;
  }

  private Retries() {
  }

  public static void main(String[] args) {
    try (Howdah howdah = Howdah.open(Database.fromEnvironment())) {
      Queue<String> requests = create(howdah);
      requests.publish("hello");
      try (Worker worker = work(requests, request -> 200)) {
        while (worker.stats().done() == 0) {
          Thread.onSpinWait();
        }
        System.out.println(worker.stats());
      }
    }
  }

  /** A queue with a policy of its own. */
  public static Queue<String> create(Howdah howdah) {
    // region: policy
    Queue<String> requests = howdah.queue("requests", String.class)
        .create(RetryPolicy.exponential(ofSeconds(5), ofHours(2)).withMaxAttempts(12));
    // endregion
    return requests;
  }

  /** Starts to send the requests; the caller closes the worker. */
  public static Worker work(Queue<String> requests, Service service) {
    // region: back-off
    FailureOptions failures = FailureOptions.defaults()
        .withBackoff(ConnectException.class, (attempt, e) -> ofSeconds(30))
        .withBackoff(SocketTimeoutException.class, (attempt, e) -> ofMinutes(attempt));
    Worker worker = requests.consume(delivery -> switch (service.call(delivery.payload())) {
      case 200 -> done();
      case 429 -> retryIn(ofMinutes(10), "too many requests"); // counts as an attempt like any failure
      case 400 -> reject("not acceptable"); // a dead letter at once
      default -> throw new IllegalStateException("on the queue's policy");
    }, WorkerOptions.defaults().withFailures(failures));
    // endregion
    return worker;
  }
}
