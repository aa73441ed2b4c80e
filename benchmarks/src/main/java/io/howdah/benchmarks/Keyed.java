package io.howdah.benchmarks;

import java.util.BitSet;
import java.util.List;

/**
 * W7: messages with keys, handled one after the other for each key by several processes. Which came when, and whether a
 * call began before the one before it of its key was over, is checked over all processes together.
 */
final class Keyed {

  private static final long STUCK = Stage.seconds(30);

  private final Stage stage;
  private final BenchOptions options;

  Keyed(Stage stage) {
    this.stage = stage;
    this.options = stage.options();
  }

  void run(Figures figures) {
    figures.note("each consumer a JVM of its own");
    try (HowdahPeer peer = stage.keyedPeer(); KeyedCrew crew = new KeyedCrew(stage, peer.name())) {
      if (!crew.areThere()) {
        figures.fail("the consumers did not start: " + crew.complaints());
        return;
      }
      measure(peer, crew, figures);
    }
  }

  private void measure(HowdahPeer peer, KeyedCrew consumers, Figures figures) {
    Crowd crowd = new Crowd();
    Pace closed = Pace.closed(() -> crowd.published() - consumers.settled(), options.number("inflight", 20_000),
        crowd::isStopping);
    crowd.start(Crowd.Task.endless(options.publishers(), options.batch()), peer::sender, i -> closed);
    Stage.sleepUntil(System.nanoTime() + Stage.seconds(options.warmup()));
    Meter meter = Meter.start(stage.server());
    long start = System.nanoTime();
    long published = crowd.published();
    long settled = consumers.settled();
    Stage.sleepUntil(start + Stage.seconds(options.seconds()));
    double took = (System.nanoTime() - start) / 1e9;
    figures.set("seconds", took, 2);
    figures.set("published_per_s", (crowd.published() - published) / took, 0);
    figures.set("consumed_per_s", (consumers.settled() - settled) / took, 0);
    figures.set("delivered_per_s", (consumers.settled() - settled) / took, 0);
    figures.set("backlog_end", Math.max(0, crowd.published() - consumers.settled()));
    meter.stop(figures, consumers.settled() - settled);
    figures.set("client_cpu_us_per_msg", null);
    crowd.stop();
    figures.set("published", crowd.published());
    figures.set("drained", Stage.await(() -> consumers.settled() >= crowd.published(), STUCK));
    check(consumers.end(), crowd, figures);
    if (!consumers.complaints().isEmpty()) {
      figures.fail(consumers.complaints());
    }
  }

  private static void check(List<KeyedRecord> records, Crowd crowd, Figures figures) {
    if (crowd.failure() != null) {
      figures.fail("a publisher failed: " + crowd.failure());
    }
    Histogram latency = new Histogram();
    List<Long> counts = crowd.counts();
    List<BitSet> seen = counts.stream().map(count -> new BitSet()).toList();
    long unexplained = 0;
    long duplicates = 0;
    for (KeyedRecord each : records) {
      latency.record(each.begin() - each.at());
      BitSet marks = seen.get(each.publisher());
      if (marks.get(each.number())) {
        duplicates++;
        unexplained += each.attempt() == 1 ? 1 : 0;
      }
      marks.set(each.number());
    }
    long lost = counts.stream().mapToLong(Long::longValue).sum() - seen.stream().mapToLong(BitSet::cardinality).sum();
    long reordered = KeyedRecord.reordered(records);
    figures.set("lost", lost);
    figures.set("dup", duplicates);
    figures.set("reordered", reordered);
    figures.latency(latency);
    if (lost + unexplained + reordered > 0) {
      figures.fail("messages are not what they should be: lost " + lost + ", unexplained duplicates " + unexplained
          + ", reordered " + reordered);
    }
  }
}
