package io.howdah.engine.histories;

import io.howdah.Outcome;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Answers with one of all outcomes, throws, takes its time, or hangs until it is interrupted. What it does with one
 * delivery follows from the seed, the message and how many there were before.
 */
final class RandomHandler {
  private static final long SLOW = 20_000_000;
  private final Life life;
  private final long seed;
  private final int luck;
  private final boolean hangs;

  /** A handler; one that hangs must have a time limit. */
  RandomHandler(Life life, long seed, boolean hangs) {
    this.life = life;
    this.seed = seed;
    this.hangs = hangs;
    this.luck = switch (life.watched().ordering()) {
      case "strict" -> 700; // each failure holds up all
      case "key" -> 200;
      default -> 80;
    };
  }

  Outcome handle(String message, int attempt) throws Exception {
    String token = life.begin(message, attempt);
    if (token == null) {
      throw new IllegalStateException("this worker is dead");
    }
    String word = "retry";
    try {
      Outcome outcome = decide(new Random(seed ^ (message + token).hashCode() * 0x9E3779B97F4A7C15L));
      word = word(outcome);
      return outcome;
    } finally {
      life.end(message, token, word);
    }
  }

  private Outcome decide(Random random) throws Exception {
    return switch (random.nextInt(luck)) {
      case 0 -> Outcome.retry("chance");
      case 1 -> Outcome.retryIn(Duration.ofMillis(random.nextInt(400)), "chance");
      case 2 -> Outcome.release();
      case 3 -> Outcome.reject("chance");
      case 4 -> throw new IllegalArgumentException("chance");
      case 5 -> Outcome.archive();
      case 6, 7 -> slow(random);
      case 8 -> hangs ? hang() : Outcome.done();
      default -> Outcome.done();
    };
  }

  private static Outcome slow(Random random) {
    LockSupport.parkNanos(random.nextLong(SLOW));
    return Outcome.done();
  }

  private static Outcome hang() throws InterruptedException {
    boolean released = new CountDownLatch(1).await(1, TimeUnit.MINUTES);
    throw new AssertionError("a handler that hung was not interrupted: " + released);
  }

  static String word(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done done -> "done";
      case Outcome.Archived archived -> "archive";
      case Outcome.Reject reject -> "reject";
      case Outcome.Retry retry -> "retry";
      case Outcome.Release release -> "release";
    };
  }
}
