package io.howdah.engine.faults;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Json;
import io.howdah.Publisher;
import io.howdah.Queue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * Publishers that go on whatever happens, and write down what they were told: one thread with batches, one with single messages that the
 * client fuses. They pause while the consumers are far behind. Message names are JSON strings without their quotes.
 */
final class Publishing implements AutoCloseable {
  private static final int BATCH = 20;
  private static final int SINGLES = 10;
  private static final int MOST_BACKLOG = 2_000;

  private final Evidence evidence;
  private final Queue<Json> queue;
  private final String name;
  private final List<Thread> threads;
  private volatile boolean stopped;

  private Publishing(Howdah howdah, Evidence evidence, String name) {
    this.evidence = evidence;
    this.queue = howdah.queue(evidence.queue());
    this.name = name;
    this.threads = List.of(Thread.ofVirtual().unstarted(() -> guarded(this::publishBatches)),
        Thread.ofVirtual().unstarted(() -> guarded(this::publishSingles)));
  }

  static Publishing start(Howdah howdah, Evidence evidence, String name) {
    Publishing publishing = new Publishing(howdah, evidence, name);
    publishing.threads.forEach(Thread::start);
    return publishing;
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      evidence.surprise(e);
    }
  }

  private void publishBatches() {
    for (int batch = 0; !stopped; batch++) {
      pauseWhileFarBehind();
      String prefix = name + "-batch" + batch + "-";
      List<String> messages = IntStream.range(0, BATCH).mapToObj(i -> prefix + i).toList();
      messages.forEach(evidence::attempted);
      try {
        queue.publishAll(messages.stream().map(Publishing::payload).toList());
        messages.forEach(evidence::acknowledged);
      } catch (HowdahException e) {
        messages.forEach(message -> failed(message, e));
        evidence.rest();
      }
    }
  }

  private void publishSingles() {
    try (Publisher<Json> publisher = queue.publisher()) {
      for (int round = 0; !stopped; round++) {
        pauseWhileFarBehind();
        List<CompletableFuture<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < SINGLES; i++) {
          String message = name + "-single" + (round * SINGLES + i);
          evidence.attempted(message);
          answers.add(publisher.publish(payload(message)).handle((id, e) -> answered(message, e)));
        }
        boolean stored = true;
        for (CompletableFuture<Boolean> answer : answers) {
          stored &= answer.join();
        }
        if (!stored) {
          evidence.rest();
        }
      }
    }
  }

  private boolean answered(String message, Throwable e) {
    if (e == null) {
      evidence.acknowledged(message);
    } else if (e instanceof HowdahException failure) {
      failed(message, failure);
    } else {
      evidence.surprise(e);
    }
    return e == null;
  }

  /** Whatever does not say that the outcome is unknown says that nothing was stored; the history holds it to that. */
  private void failed(String message, HowdahException e) {
    if (e.code() != ErrorCode.UNAVAILABLE) {
      evidence.surprise(e);
    } else if (e.getMessage().startsWith("outcome unknown")) {
      evidence.unknown();
    } else {
      evidence.refused(message);
    }
  }

  private void pauseWhileFarBehind() {
    while (!stopped && evidence.backlog() > MOST_BACKLOG) {
      evidence.rest();
    }
  }

  private static Json payload(String message) {
    return new Json('"' + message + '"');
  }

  /** Stops publishing and returns when every answer is there. */
  @Override
  public void close() {
    stopped = true;
    threads.forEach(Publishing::join);
  }

  private static void join(Thread thread) {
    try {
      if (!thread.join(Duration.ofSeconds(60))) {
        throw new AssertionError("a publisher did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
