package io.howdah.engine.jobs;

import static io.howdah.Outcome.done;
import static io.howdah.Outcome.reject;
import static io.howdah.Outcome.retry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.HowdahOptions;
import io.howdah.Job;
import io.howdah.JobFilter;
import io.howdah.JobOptions;
import io.howdah.JobPerformer;
import io.howdah.JobRecord;
import io.howdah.JobState;
import io.howdah.Jobs;
import io.howdah.Json;
import io.howdah.Outcome;
import io.howdah.Worker;
import io.howdah.WorkerOptions;
import io.howdah.WorkerState;
import io.howdah.engine.client.Eventually;
import io.howdah.testkit.HowdahTest;
import io.howdah.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Performers run jobs at once, one of each queue at a time, and a job that fails holds up its queue only. */
@HowdahTest
class PerformTest {

  /** Nobody is woken by a poll. */
  private static final HowdahOptions NO_POLL = HowdahOptions.defaults().withPollInterval(Duration.ofMinutes(5));
  private static final Json PARAMS = new Json("{\"a\": 1}");

  /** Fails until it is told how often, and waits for 10 ms in between. */
  private record Failing(int times, BlockingQueue<String> runs, Exception failure) implements JobPerformer<Json> {

    @Override
    public Outcome perform(Job<Json> job) throws Exception {
      runs.add(job.queue() + job.attempt());
      if (job.action().equals("fail") && job.attempt() <= times) {
        throw failure;
      }
      return done();
    }

    @Override
    public Duration backoff(Job<Json> job) {
      return Duration.ofMillis(10);
    }
  }

  private final TestDatabase database;
  private Howdah howdah;
  private Jobs<Json> jobs;

  PerformTest(TestDatabase database) {
    this.database = database;
    this.howdah = Howdah.open(database.dataSource(), NO_POLL);
    this.jobs = howdah.jobs("app");
  }

  @BeforeEach
  void noScope() {
    database.query("select howdah.drop_queue('app', true)");
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private JobRecord only(String queue) {
    List<JobRecord> found = jobs.list(JobFilter.all().withQueue(queue), 10, 0).jobs();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private void await(String what, JobFilter filter, long count) {
    Eventually.is(what, () -> jobs.count(filter) == count);
  }

  private static JobFilter in(JobState state) {
    return JobFilter.all().withState(state);
  }

  @Test
  void aJobStartsWhenItIsCreatedAndIsKeptWhenItIsDone() throws InterruptedException {
    BlockingQueue<Job<Json>> performed = new LinkedBlockingQueue<>();
    Instant before = Instant.now().minusSeconds(1);
    try (Worker worker = jobs.perform(job -> {
      performed.add(job);
      return done();
    })) {
      UUID id = jobs.createJob("mail", "send", PARAMS, JobOptions.defaults().withTimeout(Duration.ofSeconds(5)));
      Job<Json> job = performed.poll(20, TimeUnit.SECONDS);
      assertThat(job).isNotNull();
      assertThat(List.of(job.id(), job.scope(), job.queue(), job.action(), job.params(), job.attempt()))
          .containsExactly(id, "app", "mail", "send", PARAMS, 1);
      assertThat(job.options()).isEqualTo(JobOptions.defaults().withTimeout(Duration.ofSeconds(5)));
      assertThat(job.createdAt()).isAfter(before);
      await("it is done", in(JobState.DONE), 1);
      JobRecord record = only("mail");
      assertThat(record.progress().doneAt()).isAfter(before);
      assertThat(record.progress().attempts()).isEqualTo(1);
      assertThat(record.progress().attemptedBy()).isEqualTo(worker.name());
      assertThat(jobs.find(id)).contains(record);
    }
  }

  @Test
  void aJobStartsWhenItsTransactionCommitsAndOnAnotherNode() throws SQLException {
    try (Howdah other = Howdah.open(database.dataSource(), NO_POLL);
        Worker worker = other.jobs("app").perform(job -> done())) {
      jobs.createJob("a", "first", PARAMS);
      await("a job of another process is done", in(JobState.DONE), 1);
      try (Connection connection = database.connect()) {
        connection.setAutoCommit(false);
        jobs.in(connection).createJob("a", "rolled back", PARAMS);
        connection.rollback();
        jobs.in(connection).createJob("a", "second", PARAMS);
        connection.commit();
      }
      await("it is done after the commit", in(JobState.DONE), 2);
      assertThat(jobs.count(JobFilter.all())).isEqualTo(2);
    }
  }

  @Test
  void theNextJobOfAQueueStartsAtOnceWhileASlowQueueRuns() throws InterruptedException {
    CountDownLatch finish = new CountDownLatch(1);
    AtomicInteger quick = new AtomicInteger();
    jobs.createJob("slow", "wait", PARAMS);
    for (int i = 0; i < 30; i++) {
      jobs.createJob("quick", "count", PARAMS);
    }
    try (Worker worker = jobs.perform(job -> {
      if (job.queue().equals("slow")) {
        finish.await(30, TimeUnit.SECONDS);
      } else {
        quick.incrementAndGet();
      }
      return done();
    })) {
      Eventually.is("the quick ones are done", () -> jobs.count(in(JobState.DONE)) == 30);
      assertThat(quick.get()).isEqualTo(30);
      assertThat(only("slow").state()).isEqualTo(JobState.RUNNING);
      assertThat(only("slow").progress().attemptedBy()).isEqualTo(worker.name());
      finish.countDown();
      await("the slow one too", in(JobState.DONE), 31);
    }
  }

  @Test
  void twoNodesNeverRunTwoJobsOfAQueueAtATimeAndRunEachOnceInOrder() {
    Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    Map<String, BlockingQueue<String>> order = new ConcurrentHashMap<>();
    BlockingQueue<String> overlaps = new LinkedBlockingQueue<>();
    JobPerformer<Json> performer = job -> {
      if (running.computeIfAbsent(job.queue(), q -> new AtomicInteger()).incrementAndGet() > 1) {
        overlaps.add(job.queue());
      }
      order.computeIfAbsent(job.queue(), q -> new LinkedBlockingQueue<>()).add(job.params().text());
      running.get(job.queue()).decrementAndGet();
      return done();
    };
    for (int i = 0; i < 10; i++) {
      for (int queue = 0; queue < 10; queue++) {
        jobs.createJob("q" + queue, "do", new Json(Integer.toString(i)));
      }
    }
    WorkerOptions four = WorkerOptions.defaults().withConcurrency(4);
    try (Howdah other = Howdah.open(database.dataSource());
        Worker here = jobs.perform(performer, four);
        Worker there = other.jobs("app").perform(performer, four)) {
      await("all are done", in(JobState.DONE), 100);
    }
    assertThat(overlaps).isEmpty();
    assertThat(order.values()).hasSize(10)
        .allSatisfy(run -> assertThat(run).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
  }

  @Test
  void aJobThatRaisesIsTriedAgainAsItsPerformerSaysAndBlocksItsQueueOnly() {
    BlockingQueue<String> runs = new LinkedBlockingQueue<>();
    jobs.createJob("bad", "fail", PARAMS);
    jobs.createJob("bad", "wait", PARAMS);
    jobs.createJob("good", "go", PARAMS);
    try (Worker worker = jobs.perform(new Failing(3, runs, new IllegalStateException("no")))) {
      await("all are done", in(JobState.DONE), 3);
      assertThat(runs.stream().filter(run -> run.startsWith("bad"))).containsExactly("bad1", "bad2", "bad3", "bad4",
          "bad1");
      assertThat(worker.stats().failures()).isEqualTo(3);
      assertThat(jobs.list(JobFilter.all().withAction("fail"), 1, 0).jobs().getFirst().progress().attempts())
          .isEqualTo(4);
    }
  }

  @Test
  void anErrorThatIsNoTextEndsTheAttemptAndNothingElse() {
    BlockingQueue<String> runs = new LinkedBlockingQueue<>();
    jobs.createJob("bad", "fail", PARAMS);
    try (Worker worker = jobs.perform(new Failing(1, runs, new IllegalStateException() {
      @Override
      public String getMessage() {
        throw new IllegalArgumentException("no text");
      }
    }), WorkerOptions.defaults().withConcurrency(1))) {
      await("it is done at last", in(JobState.DONE), 1);
      assertThat(runs).containsExactly("bad1", "bad2");
    }
  }

  @Test
  void anAnswerThatIsNoneIsAFailure() {
    jobs.createJob("a", "answer", PARAMS, JobOptions.defaults().withMaxAttempts(1));
    try (Worker worker = jobs.perform(job -> null)) {
      await("it is dead", in(JobState.DEAD), 1);
      assertThat(only("a").progress().error()).contains("answered null");
    }
  }

  @Test
  void aJobIsDeadAfterItsOwnAttemptsOrAtOnceIfItIsRejectedAndItsQueueGoesOn() {
    jobs.createJob("bad", "fail", PARAMS,
        JobOptions.defaults().withMaxAttempts(2).withMaxBackoff(Duration.ofMillis(10)));
    jobs.createJob("bad", "refuse", PARAMS);
    jobs.createJob("bad", "go", PARAMS);
    try (Worker worker = jobs.perform(job -> switch (job.action()) {
      case "fail" -> retry("not today");
      case "refuse" -> reject("never");
      default -> done();
    })) {
      await("the last one is done", in(JobState.DONE), 1);
      List<JobRecord> dead = jobs.list(in(JobState.DEAD), 10, 0).jobs();
      assertThat(dead).extracting(job -> job.progress().error()).containsExactly("not today", "never");
      assertThat(dead.getFirst().progress().attempts()).isEqualTo(2);
      assertThat(jobs.deadLetters().list(io.howdah.LetterFilter.all(), 0, 10)).hasSize(2);
    }
  }

  @Test
  void aJobIsStoppedAtItsOwnTimeoutAndTriedAgain() {
    AtomicInteger interrupted = new AtomicInteger();
    jobs.createJob("a", "sleep", PARAMS,
        JobOptions.defaults().withTimeout(Duration.ofMillis(100)).withMaxBackoff(Duration.ofMillis(20)));
    jobs.createJob("b", "sleep", PARAMS, JobOptions.defaults().withTimeout(Duration.ofHours(1)));
    CountDownLatch finish = new CountDownLatch(1);
    try (Worker worker = jobs.perform(job -> {
      try {
        if (job.attempt() == 1) {
          finish.await();
        }
      } catch (InterruptedException e) {
        interrupted.incrementAndGet();
        throw e;
      }
      return done();
    })) {
      Eventually.is("the first is done by its second attempt", () -> only("a").state() == JobState.DONE);
      assertThat(interrupted.get()).isEqualTo(1);
      assertThat(worker.stats().timeouts()).isEqualTo(1);
      assertThat(only("b").state()).isEqualTo(JobState.RUNNING);
      finish.countDown();
      await("the other too", in(JobState.DONE), 2);
    }
  }

  @Test
  void aJobThatIgnoresItsTimeoutKeepsItsQueueUntilItEnds() {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    jobs.createJob("a", "spin", PARAMS,
        JobOptions.defaults().withTimeout(Duration.ofMillis(300)).withMaxBackoff(Duration.ZERO));
    try (Worker worker = jobs.perform(job -> {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      long until = System.nanoTime() + Duration.ofMillis(job.attempt() == 1 ? 500 : 0).toNanos();
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      running.decrementAndGet();
      return done();
    })) {
      await("it is done by its second attempt", in(JobState.DONE), 1);
      assertThat(only("a").progress().attempts()).isEqualTo(2);
      assertThat(most.get()).as("attempts at a time").isEqualTo(1);
      assertThat(worker.stats().timeouts()).isEqualTo(1);
    }
  }

  @Test
  void aJobThatNeverEndsIsGivenUpAfterItsTimeoutOnceMoreAndTheWorkerGoesOn() {
    CountDownLatch finish = new CountDownLatch(1);
    jobs.createJob("a", "hang", PARAMS, JobOptions.defaults().withTimeout(Duration.ofMillis(100)).withMaxAttempts(1));
    try (Worker worker = jobs.perform(job -> {
      while (job.action().equals("hang") && finish.getCount() > 0) {
        Thread.onSpinWait();
      }
      return done();
    }, WorkerOptions.defaults().withConcurrency(1))) {
      await("it is dead", in(JobState.DEAD), 1);
      assertThat(only("a").progress().error()).startsWith("timeout");
      jobs.createJob("a", "go", PARAMS);
      await("the next is done", in(JobState.DONE), 1);
      assertThat(worker.stats().stuck()).isEqualTo(1);
      finish.countDown();
      Eventually.is("it came back", () -> worker.stats().stuck() == 0);
      assertThat(jobs.count(in(JobState.DONE))).isEqualTo(1);
    }
  }

  @Test
  void aBackoffThatCannotBeCountsAndTheDefaultDecides() {
    jobs.createJob("throws", "fail", PARAMS);
    jobs.createJob("negative", "fail", PARAMS);
    try (Worker worker = jobs.perform(new JobPerformer<>() {
      @Override
      public Outcome perform(Job<Json> job) {
        return retry("no");
      }

      @Override
      public Duration backoff(Job<Json> job) {
        if (job.queue().equals("throws")) {
          throw new IllegalStateException("no idea");
        }
        return Duration.ofSeconds(-1);
      }
    })) {
      await("both wait", in(JobState.RETRYING), 2);
      assertThat(worker.stats().badBackoffs()).isEqualTo(2);
      for (String queue : List.of("throws", "negative")) {
        JobRecord.Progress progress = only(queue).progress();
        assertThat(Duration.between(progress.attemptedAt(), progress.nextAttempt())).isBetween(Duration.ofMillis(1_790),
            Duration.ofMillis(2_210));
      }
    }
  }

  @Test
  void thePerformerThatIsThereWhenAJobRunsRunsIt() throws InterruptedException {
    jobs.createJob("a", "later", PARAMS, JobOptions.defaults().withScheduledAt(Instant.now().plusMillis(500)));
    BlockingQueue<String> by = new LinkedBlockingQueue<>();
    try (Worker first = jobs.perform(job -> {
      by.add("first");
      return done();
    })) {
      first.close();
    }
    try (Worker second = jobs.perform(job -> {
      by.add("second");
      return done();
    })) {
      assertThat(by.poll(20, TimeUnit.SECONDS)).isEqualTo("second");
    }
  }

  @Test
  void aNodeThatIsDisabledRunsNothing() {
    HowdahOptions options = NO_POLL.withDisabledWorkers(Set.of("app"));
    try (Howdah web = Howdah.open(database.dataSource(), options);
        Worker worker = web.jobs("app").perform(job -> done())) {
      assertThat(worker.state()).isEqualTo(WorkerState.DISABLED);
      web.jobs("app").createJob("a", "do", PARAMS);
      assertThat(jobs.list(JobFilter.all(), 10, 0).jobs()).extracting(JobRecord::isAvailable).containsExactly(true);
      worker.resume();
      await("resumed, it works", in(JobState.DONE), 1);
    }
  }

  @Test
  void paramsThatCannotBeReadMakeADeadJobAndTheQueueGoesOn() {
    record Mail(String to) {
    }
    database.query(
        "select howdah.create_job('app', 'a', 'send', '[1]'), howdah.create_job('app', 'a', 'send', '{\"to\": \"x\"}')");
    BlockingQueue<String> sent = new LinkedBlockingQueue<>();
    try (Worker worker = howdah.jobs("app", Mail.class).perform(job -> {
      sent.add(job.params().to());
      return done();
    })) {
      await("the second is done", in(JobState.DONE), 1);
      assertThat(sent).containsExactly("x");
      assertThat(jobs.list(in(JobState.DEAD), 1, 0).jobs().getFirst().progress().error()).startsWith("undecodable");
    }
  }

  @Test
  void oneExceptionNamesAllThatIsWrong() {
    JobOptions options = new JobOptions(Duration.ZERO, Duration.ofSeconds(-1), 0, Instant.MAX);
    assertThatThrownBy(() -> jobs.createJob("", "a\tb", PARAMS, options))
        .isInstanceOfSatisfying(HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID))
        .hasMessageContainingAll("queue must", "action must", "timeout must", "max_backoff must", "max_attempts must",
            "scheduled_at must");
    Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
    assertThatThrownBy(() -> jobs.createJob("a", "b", PARAMS, new JobOptions(endless, endless.negated(), 1, null)))
        .hasMessageContainingAll("the job is not valid", "timeout must", "max_backoff must");
    assertThatThrownBy(() -> jobs.perform(job -> done(), WorkerOptions.defaults().withTimeLimit(Duration.ofSeconds(1))))
        .hasMessageContaining("timeout of its own");
    assertThatThrownBy(() -> howdah.jobs("no such").createJob("a", "b", PARAMS)).hasMessageContaining("scope name");
  }

  @Test
  void jobsAreCancelledRetriedAndSkippedByTheirIds() {
    UUID scheduled = jobs.createJob("a", "later", PARAMS,
        JobOptions.defaults().withScheduledAt(Instant.now().plusSeconds(3600)));
    UUID started = jobs.createJob("b", "later", PARAMS,
        JobOptions.defaults().withScheduledAt(Instant.now().plusSeconds(3600)));
    UUID skipped = jobs.createJob("c", "fail", PARAMS);
    try (Worker worker = jobs.perform(job -> job.action().equals("fail") ? retry("no") : done())) {
      await("it has failed", in(JobState.RETRYING), 1);
      assertThat(jobs.cancel(scheduled)).isTrue();
      assertThat(jobs.find(scheduled)).isEmpty();
      assertThat(jobs.retryNow(started)).isTrue();
      await("it has run", in(JobState.DONE), 1);
      assertThat(jobs.skip(skipped)).isTrue();
      assertThat(jobs.find(skipped)).get().extracting(JobRecord::state).isEqualTo(JobState.DEAD);
      assertThat(jobs.skip(skipped)).isFalse();
      assertThat(jobs.list(JobFilter.all(), 1, 5).total()).as("beyond the end").isEqualTo(2);
    }
  }
}
