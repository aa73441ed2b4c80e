package io.howdah.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** All consumers of a peer, and what they have received. */
final class Audience {

  private static final long STUCK = Stage.seconds(30);

  private final Peer peer;
  private final int consumers;
  private final int fetch;
  private final List<Ledger> ledgers = new ArrayList<>();

  Audience(Peer peer, int groups, int consumers, int fetch) {
    this.peer = peer;
    this.consumers = consumers;
    this.fetch = fetch;
    for (int group = 0; group < groups; group++) {
      ledgers.add(new Ledger(peer.order(consumers)));
    }
  }

  void start() {
    for (int group = 0; group < ledgers.size(); group++) {
      peer.consume(group, consumers, fetch, ledgers.get(group));
    }
  }

  /** Deliveries of all groups. */
  long received() {
    return ledgers.stream().mapToLong(Ledger::received).sum();
  }

  void split(long earlyUntil, long lateFrom) {
    ledgers.forEach(ledger -> ledger.split(earlyUntil, lateFrom));
  }

  /** Waits until every group has settled all; false if for 30 s there was no progress. */
  boolean drain(long published) {
    long settled = -1;
    while (peer.settled() < published) {
      long before = settled;
      settled = peer.settled();
      if (before == settled) {
        return false;
      }
      long mark = settled;
      Stage.await(() -> peer.settled() >= published || received() > 0 && peer.settled() > mark + 100_000, STUCK);
    }
    return true;
  }

  /** Stops the consumers, and tells what they found and went through. */
  void stop(Figures figures, List<Long> published) {
    peer.stop();
    Ledger.Findings found = ledgers.stream().map(ledger -> ledger.findings(published)).reduce(Ledger.Findings.NONE,
        Ledger.Findings::plus);
    figures.set("lost", found.lost());
    figures.set("dup", found.duplicates());
    figures.set("reordered", ledgers.getFirst().ordered() ? found.reordered() : null);
    if (!found.isClean()) {
      figures.fail("messages are not what they should be: " + found);
    }
    long total = published.stream().mapToLong(Long::longValue).sum();
    if (peer.settled() != total) {
      figures.fail(peer.settled() + " messages were settled, of " + total);
    }
    if (!peer.complaints().isEmpty()) {
      figures.fail(peer.complaints());
    }
  }

  /** All groups' latencies together; read it when the consumers have stopped. */
  Histogram latency(Function<Ledger, Histogram> which) {
    Histogram sum = new Histogram();
    ledgers.forEach(ledger -> sum.add(which.apply(ledger)));
    return sum;
  }
}
