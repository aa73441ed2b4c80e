package io.howdah.benchmarks;

import java.util.function.IntFunction;

/**
 * W2, W2c, W4 and W8: publishers and consumers at work at the same time. After the measured time the publishers stop and
 * everything is consumed; CPU and WAL are those of all of it, per message settled.
 */
final class Flow {

  private static final int FILL_BATCH = 1000;
  private static final int FILL_LANES = 2;

  private final Stage stage;
  private final BenchOptions options;

  Flow(Stage stage) {
    this.stage = stage;
    this.options = stage.options();
  }

  void run(Figures figures) {
    if (options.warmup() > 0) {
      try (Peer peer = stage.peer(options.groups())) {
        measure(peer, options.warmup(), 0, new Figures(Figures.KEYS));
      }
    }
    try (Peer peer = stage.peer(options.groups())) {
      measure(peer, options.seconds(), options.number("backlog", 0), figures);
    }
  }

  private void measure(Peer peer, int seconds, int backlog, Figures figures) {
    Crowd crowd = new Crowd();
    if (backlog > 0) {
      stage.tell("publishing a backlog of " + backlog);
      crowd.start(new Crowd.Task(FILL_LANES, FILL_BATCH, backlog / FILL_LANES), peer::sender, i -> Pace.unlimited());
      crowd.join();
      stage.server().checkpoint();
    }
    Audience audience = new Audience(peer, options.groups(), options.consumers(), options.fetch());
    Meter meter = Meter.start(stage.server());
    run(peer, new Cast(crowd, audience), seconds, figures);
    figures.set("drained", audience.drain(crowd.published()));
    meter.stop(figures, crowd.published());
    audience.stop(figures, crowd.counts());
    figures.latency(audience.latency(Ledger::latency));
  }

  private record Cast(Crowd crowd, Audience audience) {
  }

  /** The measured time, from the first publish to the last. */
  private void run(Peer peer, Cast cast, int seconds, Figures figures) {
    Crowd crowd = cast.crowd();
    long before = crowd.published();
    long start = System.nanoTime();
    cast.audience().start();
    crowd.start(Crowd.Task.endless(options.publishers(), options.batch()), peer::sender, pace(peer, crowd));
    Stage.sleepUntil(start + Stage.seconds(seconds) / 2);
    long half = backlog(cast);
    Stage.sleepUntil(start + Stage.seconds(seconds));
    long published = crowd.published() - before;
    long received = cast.audience().received();
    double took = (System.nanoTime() - start) / 1e9;
    long end = backlog(cast);
    crowd.stop();
    figures.set("seconds", took, 2);
    figures.set("published", crowd.published() - before);
    figures.set("published_per_s", published / took, 0);
    figures.set("consumed_per_s", received / (double) options.groups() / took, 0);
    figures.set("delivered_per_s", received / took, 0);
    figures.set("backlog_end", end);
    figures.set("backlog_grew", end > half + published / took);
    if (crowd.failure() != null) {
      figures.fail("a publisher failed: " + crowd.failure());
    }
  }

  private long backlog(Cast cast) {
    return Math.max(0, cast.crowd().published() - cast.audience().received() / options.groups());
  }

  private IntFunction<Pace> pace(Peer peer, Crowd crowd) {
    int inflight = options.number("inflight", 0);
    return inflight == 0
        ? i -> Pace.unlimited()
        : i -> Pace.closed(() -> crowd.published() - peer.settled(), inflight, crowd::isStopping);
  }
}
