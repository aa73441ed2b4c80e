package io.howdah.testkit;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Runs the steps of two or three sessions in every order, or in a random sample of the orders, on real connections, and checks what came
 * of each.
 *
 * <p>A step that waits for a lock is left waiting, and the other sessions go on; the steps that come behind it in its session wait for
 * it. Connections and database are reused, so each schedule gets an identifier of its own, for the names of its queues. Whether a step
 * waits is seen in {@code pg_blocking_pids}, asked only when a step takes longer than two milliseconds: an undisturbed step costs a hand-over
 * between two threads and its own round trip.
 */
public final class Permutations implements AutoCloseable {
  private static final Duration QUICK = Duration.ofMillis(2);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final TestDatabase database;
  private final Scenario scenario;
  private final Map<String, Lane> lanes = new LinkedHashMap<>();
  private final Monitor monitor;
  private long waits;

  private Permutations(TestDatabase database, Scenario scenario) {
    this.database = database;
    this.scenario = scenario;
    this.monitor = new Monitor(database.connect());
  }

  /** What is to be permuted: called once for each schedule that is run, it prepares the ground and says who does what. */
  @FunctionalInterface
  public interface Scenario {
    /** The plan for one schedule; {@code id} is a short text of letters and digits that no other schedule has. */
    Plan plan(String id) throws SQLException;
  }

  /**
   * One schedule's steps and its check.
   *
   * @param scripts the same sessions with the same numbers of steps in every plan
   * @param check throws an AssertionError if a promise was broken
   */
  public record Plan(List<Script> scripts, Check check) {
    public Plan {
      scripts = List.copyOf(scripts);
    }
  }

  /** Judges one schedule after its last step. */
  @FunctionalInterface
  public interface Check {
    /** Throws an AssertionError if a promise was broken. */
    void run() throws SQLException;
  }

  /** One session's steps, in their order. */
  public record Script(String session, List<Step> steps) {
    public Script {
      steps = List.copyOf(steps);
    }

    /** A script of these steps. */
    public static Script of(String session, Step... steps) {
      return new Script(session, List.of(steps));
    }
  }

  /** One step: usually one statement. */
  public record Step(String name, Session.Work work) {
    /** A step that runs SQL; {@code ?} stand for the arguments. */
    public static Step sql(String sql, Object... arguments) {
      return new Step(sql, connection -> Rows.of(connection, sql, arguments));
    }
  }

  /** A schedule that broke a promise: the order of the sessions, and what went wrong. */
  public record Failure(List<String> schedule, Throwable cause) {
    @Override
    public String toString() {
      return "schedule " + String.join(" ", schedule) + ": " + cause.getMessage();
    }
  }

  /**
   * What a run found.
   *
   * @param schedules the number of schedules that were run
   * @param possible the number of orders there are
   * @param waits how often a step had to wait for a lock
   */
  public record Report(int schedules, long possible, long waits, Optional<Failure> failure) {
    /** This report, if all promises were kept; otherwise an AssertionError with the schedule that broke one. */
    public Report assertKept() {
      failure.ifPresent(broken -> {
        throw new AssertionError(broken.toString(), broken.cause());
      });
      return this;
    }
  }

  /** The permutations of this scenario, on this database. */
  public static Permutations of(TestDatabase database, Scenario scenario) {
    return new Permutations(Objects.requireNonNull(database, "database"), Objects.requireNonNull(scenario, "scenario"));
  }

  /** Runs every order, or stops at the first that breaks a promise. */
  public Report all() {
    return sample(Integer.MAX_VALUE, 0);
  }

  /** Runs so many different orders chosen by the seed (all, if there are no more), or stops at the first that breaks a promise. */
  public Report sample(int limit, long seed) {
    Map<String, Integer> lengths = new LinkedHashMap<>();
    Plan first = plan("s0");
    for (Script script : first.scripts()) {
      lengths.put(script.session(), script.steps().size());
    }
    Schedules schedules = new Schedules(lengths);
    int count = 0;
    for (List<String> schedule : schedules.sample(limit, seed)) {
      Plan plan = count == 0 ? first : plan("s" + Integer.toString(count, Character.MAX_RADIX));
      count++;
      Optional<Failure> failure = run(schedule, plan);
      if (failure.isPresent()) {
        return new Report(count, schedules.count(), waits, failure);
      }
    }
    return new Report(count, schedules.count(), waits, Optional.empty());
  }

  /** Runs this one order, given as the names of the sessions: to look at a failure again, or to force an interleaving. */
  public Report only(String... schedule) {
    return new Report(1, 1, waits, run(List.of(schedule), plan("only" + System.nanoTime())));
  }

  private Plan plan(String id) {
    try {
      return scenario.plan(id);
    } catch (SQLException e) {
      throw new DatabaseException("the scenario could not be prepared: " + e.getMessage(), e);
    }
  }

  private Optional<Failure> run(List<String> schedule, Plan plan) {
    try {
      for (Script script : plan.scripts()) {
        lanes.computeIfAbsent(script.session(), name -> new Lane(database.session(name))).open(script.steps());
      }
      for (String session : schedule) {
        lane(session).due++;
        advance();
      }
      finish(schedule);
      plan.check().run();
      return Optional.empty();
    } catch (AssertionError | SQLException | RuntimeException e) {
      lanes.values().forEach(lane -> lane.session.close());
      lanes.clear();
      return Optional.of(new Failure(schedule, e));
    }
  }

  private Lane lane(String session) {
    return Objects.requireNonNull(lanes.get(session), () -> "no session is called " + session);
  }

  /** Runs what is due and can run, until nothing can. */
  private void advance() {
    boolean moved = true;
    while (moved) {
      moved = false;
      for (Lane lane : lanes.values()) {
        while (!lane.waiting && lane.due > 0) {
          lane.startNext();
          settle(lane);
          moved = true;
        }
      }
      moved |= wakeUp();
    }
  }

  /** Waits until the lane's step has ended or waits for a lock. */
  private void settle(Lane lane) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!lane.session.hasEndedWithin(QUICK)) {
      if (lane.session.isBlocked()) {
        waits += lane.waiting ? 0 : 1;
        lane.waiting = true;
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("step \"" + lane.running + "\" neither ends nor waits for a lock");
      }
    }
    lane.waiting = false;
    lane.session.await();
  }

  /** Takes up the steps whose lock has come free. */
  private boolean wakeUp() {
    List<Lane> waiting = lanes.values().stream().filter(lane -> lane.waiting).toList();
    if (waiting.isEmpty()) {
      return false;
    }
    Set<Integer> free = monitor.free(waiting.stream().map(lane -> lane.session.backend()).toList());
    boolean woken = false;
    for (Lane lane : waiting) {
      if (free.contains(lane.session.backend()) || !lane.session.isRunning()) {
        settle(lane);
        woken |= !lane.waiting;
      }
    }
    return woken;
  }

  /** What still waits after the last step waits for a deadlock to be broken or a time-out to pass: both end by themselves. */
  private void finish(List<String> schedule) {
    for (Lane lane : lanes.values()) {
      while (lane.waiting) {
        lane.session.await();
        lane.waiting = false;
        advance();
      }
      if (!lane.steps.isEmpty()) {
        throw new IllegalArgumentException(
            "schedule " + schedule + " leaves steps of " + lane.session.name() + " undone");
      }
    }
  }

  /** Closes the sessions. */
  @Override
  public void close() {
    lanes.values().forEach(lane -> lane.session.close());
    lanes.clear();
    monitor.close();
  }

  /** One session with its steps to come; used by the runner's thread alone. */
  private static final class Lane {
    private final Session session;
    private final Deque<Step> steps = new ArrayDeque<>();
    private String running = "";
    private int due;
    private boolean waiting;

    Lane(Session session) {
      this.session = session;
    }

    void open(List<Step> script) {
      steps.clear();
      steps.addAll(script);
      due = 0;
      waiting = false;
    }

    void startNext() {
      Step step = steps.remove();
      due--;
      running = step.name();
      session.start(step.work());
    }
  }
}
