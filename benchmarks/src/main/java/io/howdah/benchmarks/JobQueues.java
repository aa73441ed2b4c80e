package io.howdah.benchmarks;

import io.howdah.Howdah;
import io.howdah.Job;
import io.howdah.JobOptions;
import io.howdah.Jobs;
import io.howdah.Json;
import io.howdah.Outcome;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/**
 * W11: jobs of many queues, one of each, and then as many of a few busy ones. What a job costs should not depend on how
 * many queues there are. All jobs wait before the first one is performed. Each must be performed once, those of a queue
 * in the order in which they were created, one at a time.
 */
final class JobQueues {

  private static final long STUCK = Stage.seconds(120);

  private final Stage stage;
  private final BenchOptions options;

  JobQueues(Stage stage) {
    this.stage = stage;
    this.options = stage.options();
  }

  void run(Figures figures) {
    int jobs = options.number("queues", 1);
    int busy = options.number("busy", 1);
    Round many = new Round(jobs, jobs);
    Round few = new Round(jobs, busy);
    double created = many.create();
    Meter meter = Meter.start(stage.server());
    double took = many.perform(() -> meter.stop(figures, jobs));
    few.create();
    double tookFew = few.perform(() -> {
    });
    figures.set("seconds", took, 2);
    figures.set("published", 2L * jobs);
    figures.set("published_per_s", jobs / created, 0);
    figures.set("consumed_per_s", jobs / took, 0);
    figures.note(busy + " busy queues: " + Math.round(jobs / tookFew) + " jobs/s");
    check(figures, List.of(many, few));
  }

  private static void check(Figures figures, List<Round> rounds) {
    long performed = rounds.stream().mapToLong(round -> round.performed.get()).sum();
    long jobs = rounds.stream().mapToLong(round -> round.jobs).sum();
    long wrong = rounds.stream().mapToLong(round -> round.wrong.get()).sum();
    figures.set("drained", performed >= jobs);
    figures.set("lost", Math.max(0, jobs - performed));
    figures.set("dup", Math.max(0, performed - jobs));
    figures.set("reordered", wrong);
    if (performed != jobs || wrong > 0) {
      figures.fail("of " + jobs + " jobs " + performed + " were performed, " + wrong
          + " beside another of their queue or out of order");
    }
  }

  /** So many jobs of so many queues, in a scope of their own. */
  private final class Round {
    private final String scope = Stage.name();
    private final int jobs;
    private final int queues;
    private final AtomicInteger performed = new AtomicInteger();
    private final AtomicInteger wrong = new AtomicInteger();
    /** For each queue the number of its last job, negative while that one runs. */
    private final AtomicIntegerArray last;

    Round(int jobs, int queues) {
      this.jobs = jobs;
      this.queues = queues;
      this.last = new AtomicIntegerArray(queues);
    }

    /** Returns seconds. */
    double create() {
      stage.tell("creating " + jobs + " jobs of " + queues + " queues");
      long start = System.nanoTime();
      try (Howdah howdah = Howdah.open(stage.source())) {
        Jobs<Json> sink = howdah.jobs(scope).create();
        List<Thread> creators = IntStream.range(0, options.publishers())
            .mapToObj(creator -> Thread.ofVirtual().start(() -> create(sink, creator))).toList();
        for (Thread each : creators) {
          each.join();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return (System.nanoTime() - start) / 1e9;
    }

    /** A queue has one creator, so that its jobs have an order. */
    private void create(Jobs<Json> sink, int creator) {
      for (int job = 0; job < jobs; job++) {
        int queue = job % queues;
        if (queue % options.publishers() == creator) {
          sink.createJob(Integer.toString(queue), "run", new Json(Integer.toString(1 + job / queues)),
              JobOptions.defaults());
        }
      }
    }

    /** Returns seconds; asks before the connections are closed. */
    double perform(Runnable atEnd) {
      long start = System.nanoTime();
      WorkerOptions worker = WorkerOptions.defaults().withConcurrency(options.number("concurrency", 16));
      try (Howdah howdah = Howdah.open(stage.source());
          Worker performing = howdah.jobs(scope).perform(this::perform, worker)) {
        Stage.await(() -> performed.get() >= jobs, STUCK);
        double took = (System.nanoTime() - start) / 1e9;
        atEnd.run();
        performing.close();
        return took;
      }
    }

    private Outcome perform(Job<Json> job) {
      int queue = Integer.parseInt(job.queue());
      int number = Integer.parseInt(job.params().text());
      if (!last.compareAndSet(queue, number - 1, -number)) {
        wrong.incrementAndGet();
      }
      performed.incrementAndGet();
      if (!last.compareAndSet(queue, -number, number)) {
        wrong.incrementAndGet();
      }
      return Outcome.done();
    }
  }
}
