package io.howdah.benchmarks;

import java.util.function.Supplier;

/**
 * W1: publishers at their maximum rate, and nobody consumes. Afterwards all is consumed, outside of the figures, to see
 * that it is all there. With batch 1 many callers publish single messages, which Howdah sends together.
 */
final class PublishOnly {

  private static final int BARE_CALLERS = 16;
  /** What idle consumers take until they sleep. */
  private static final long SETTLE = Stage.seconds(3);

  private final Stage stage;
  private final BenchOptions options;

  PublishOnly(Stage stage) {
    this.stage = stage;
    this.options = stage.options();
  }

  void run(Figures figures) {
    if (options.warmup() > 0) {
      try (Peer peer = stage.peer(1)) {
        publish(peer, options.warmup(), figures);
      }
    }
    try (Peer peer = stage.peer(1)) {
      Crowd crowd = publish(peer, options.seconds(), figures);
      stage.tell("published; now reading all of it back");
      Audience audience = new Audience(peer, 1, 2, 1000);
      audience.start();
      figures.set("drained", audience.drain(crowd.published()));
      audience.stop(figures, crowd.counts());
      if (crowd.failure() != null) {
        figures.fail("a publisher failed: " + crowd.failure());
      }
    }
  }

  private Crowd publish(Peer peer, int seconds, Figures figures) {
    Supplier<Peer.Sender> senders = options.batch() == 1 ? () -> peer.fusedSender(options.publishers()) : peer::sender;
    if (options.number("idle", 0) > 0) {
      Stage.sleepUntil(System.nanoTime() + SETTLE);
    }
    Crowd crowd = new Crowd();
    Meter meter = Meter.start(stage.server());
    long start = System.nanoTime();
    crowd.start(Crowd.Task.endless(threads(), options.batch()), senders, i -> Pace.unlimited());
    Stage.sleepUntil(start + Stage.seconds(seconds));
    long published = crowd.published();
    double took = (System.nanoTime() - start) / 1e9;
    crowd.stop();
    meter.stop(figures, crowd.published());
    figures.set("seconds", took, 2);
    figures.set("published", crowd.published());
    figures.set("published_per_s", published / took, 0);
    return crowd;
  }

  private int threads() {
    if (options.batch() > 1) {
      return options.publishers();
    }
    return options.bare() ? BARE_CALLERS : options.number("callers", 1);
  }

  /** What is special about this run. */
  String note() {
    String callers = options.batch() > 1
        ? ""
        : threads() + " callers of single publishes" + (options.bare() ? "" : ", fused");
    int idle = options.number("idle", 0);
    return idle == 0 ? callers : callers + (callers.isEmpty() ? "" : ", ") + idle + " idle consumers of other queues";
  }
}
