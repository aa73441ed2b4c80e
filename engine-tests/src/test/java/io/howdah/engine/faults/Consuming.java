package io.howdah.engine.faults;

import static io.howdah.Outcome.done;

import io.howdah.Delivery;
import io.howdah.Howdah;
import io.howdah.Json;
import io.howdah.Outcome;
import io.howdah.Queue;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A worker that writes down what it was handed and takes each message for ended once the handler has answered. That is more than Howdah
 * promises; it holds as long as no lease runs out and the worker lives, whatever happens to connections and servers.
 */
final class Consuming implements AutoCloseable {
  private final Evidence evidence;
  private final String name;
  private final AtomicInteger deliveries = new AtomicInteger();
  private final Worker worker;

  private Consuming(Howdah howdah, Evidence evidence, String name) {
    this.evidence = evidence;
    this.name = name;
    Queue<Json> queue = howdah.queue(evidence.queue());
    this.worker = queue.consume(this::handle, WorkerOptions.defaults().withOwner(name).withFetch(50));
  }

  static Consuming start(Howdah howdah, Evidence evidence, String name) {
    return new Consuming(howdah, evidence, name);
  }

  private Outcome handle(Delivery<Json> delivery) {
    String token = name + "/" + deliveries.incrementAndGet();
    String message = messageOf(delivery);
    evidence.delivered(message, delivery.position(), token);
    evidence.done(message, token);
    return done();
  }

  static String messageOf(Delivery<Json> delivery) {
    String payload = delivery.rawPayload();
    return payload.substring(1, payload.length() - 1);
  }

  /** Returns when everything that the handler has answered is settled and the rest is handed back. */
  @Override
  public void close() {
    worker.close();
  }
}
