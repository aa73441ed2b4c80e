package io.howdah.benchmarks;

/**
 * What subscriptions cost a publisher: its rate with several subscriptions of which none is read, against that with one.
 */
final class FanoutCost {

  private static final int ROUNDS = 5;

  private final Stage stage;

  FanoutCost(Stage stage) {
    this.stage = stage;
  }

  /** The ratio, in words for the settings line. */
  String measure(int groups) {
    long one = 0;
    long several = 0;
    for (int round = 0; round < ROUNDS; round++) {
      one += published(1);
      several += published(groups);
    }
    return "publisher's rate with " + groups + " subscriptions and no consumer is " + Math.round(100.0 * several / one)
        + " % of that with one";
  }

  private long published(int groups) {
    try (Peer peer = stage.peer(groups)) {
      Crowd crowd = new Crowd();
      long start = System.nanoTime();
      crowd.start(Crowd.Task.endless(1, stage.options().batch()), peer::sender, i -> Pace.unlimited());
      Stage.sleepUntil(start + Stage.seconds(Math.min(10, stage.options().seconds())) / 10);
      crowd.stop();
      return crowd.published();
    }
  }
}
