package io.howdah.internal.subscription;

import io.howdah.WorkerOptions;
import io.howdah.WorkerState;
import io.howdah.WorkerStats;
import io.howdah.internal.wakeup.Bell;
import io.howdah.internal.wakeup.Signal;
import io.howdah.internal.wakeup.Sleeper;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A worker's loop: claim, hand out, settle.
 *
 * <p>
 * One thread, the loop, talks to the database and owns the slices that are claimed; other threads, the hands, call the
 * handler. Between them stand only the slices, whose messages hands start and answer, and a signal that something has
 * changed. At each turn the loop looks at everything afresh and does what is due: it renews leases that a third of their
 * time has passed for, sends answers ahead that wait for a slow neighbour, and then settles the slices that are answered
 * and claims what the {@link Appetite} asks for, in one round trip and one commit. So while the hands work at one slice
 * the next is under way, and no connection is held while a handler runs.
 *
 * <p>
 * A lease that has run out, or that could not be renewed in time, stops its slice. A failure of the database does not end
 * the loop, a dropped subscription does ({@link Ending}). Close stops claiming and gives back what is not started, lets
 * running handlers finish for the grace, interrupts them, settles what was answered and hands the rest back.
 */
public final class WorkLoop<T> {

  /** Claims' worth of messages that may wait for others of their key here. */
  private static final int MOST_WAITING = 4;
  private static final long LONGEST_WAIT = Duration.ofSeconds(5).toNanos();
  private static final long AFTER_INTERRUPT = Duration.ofSeconds(1).toNanos();
  private static final Duration AFTER_GRACE = Duration.ofSeconds(5);

  private final WorkerOptions options;
  private final Counters counters;
  private final Signal signal;
  private final Means means;
  private final Gate gate;
  private final Call<T> call;
  private final Sleeper sleeper;
  private final Settler<T> settler;
  private final Hands<T> hands;
  private final Thread thread;
  private final boolean settlesOnClaim;
  private volatile boolean closing;
  private volatile long closeBy;

  // Owned by the loop's thread.
  private final Slices<T> slices;
  private final Appetite appetite;
  private final Outage outage;
  private final Ending ending;

  private WorkLoop(Inlet<T> inlet, Bell bell, Treatment<T> treatment, WorkerOptions options, Terms terms,
      boolean enabled) {
    this.options = options;
    this.ending = new Ending(inlet);
    this.slices = new Slices<>(inlet, terms);
    this.counters = new Counters();
    this.means = Means.of(inlet.subscription(), options, counters);
    this.signal = means.signal();
    this.gate = new Gate(signal, enabled);
    this.call = new Desk<>(inlet, means, counters).call(treatment);
    this.sleeper = bell.sleeper(inlet.subscription(), signal, treatment.reading());
    this.settlesOnClaim = treatment.settlesOnClaim();
    this.settler = new Settler<>(inlet, options, counters, call, settlesOnClaim);
    this.appetite = new Appetite(options, call.feed());
    this.outage = new Outage(inlet.subscription(), counters, System::nanoTime);
    int count = call.feed() == Call.Feed.AHEAD ? 1 : options.concurrency();
    this.hands = new Hands<>(inlet.subscription(), count, call, signal, means.keeper());
    this.thread = Thread.ofVirtual().name("howdah-worker-" + inlet.subscription()).unstarted(this::run);
  }

  /** Starts a loop; one that is not enabled waits to be resumed. */
  public static <T> WorkLoop<T> start(Inlet<T> inlet, Bell bell, Treatment<T> treatment, WorkerOptions options,
      boolean enabled) {
    Terms terms = inlet.terms();
    WorkerOptions fitting = treatment.fitting(options, terms.ordering(), inlet.subscription());
    WorkLoop<T> loop = new WorkLoop<>(inlet, bell, treatment, fitting, terms, enabled);
    loop.thread.start();
    return loop;
  }

  public WorkerOptions options() {
    return options;
  }

  public WorkerStats stats() {
    return counters.stats();
  }

  public WorkerState state() {
    WorkerState state = gate.state();
    return state == WorkerState.RUNNING && outage.isFailing() ? WorkerState.UNAVAILABLE : state;
  }

  public void wake() {
    sleeper.ring();
  }

  public void pause() {
    gate.set(WorkerState.PAUSED);
  }

  public void resume() {
    gate.set(WorkerState.RUNNING);
    sleeper.ring();
  }

  public boolean drain(Duration most) {
    gate.set(WorkerState.DRAINING);
    return gate.awaitEmpty(most);
  }

  public Ending ending() {
    return ending;
  }

  private void run() {
    while (!closing && ending.failure() == null) {
      pause(attempt(this::turn), null);
    }
    finish(closing ? closeBy : System.nanoTime() + options.grace().toNanos());
  }

  /** Returns how long to wait before the next one: not at all if this has worked. */
  private long attempt(Runnable turn) {
    try {
      turn.run();
      return 0;
    } catch (RuntimeException | Error e) {
      slices.abandonOverdue(System.nanoTime());
      call.sweep();
      return ending.comesWith(e, slices.database()) ? 0 : outage.failed(e);
    }
  }

  private void pause(long nanos, @Nullable Long until) {
    long deadline = System.nanoTime() + nanos;
    long left = nanos;
    while (left > 0 && (until != null || !closing)) {
      signal.await(until == null ? left : Math.min(left, until - System.nanoTime()));
      left = Math.min(deadline, until == null ? deadline : until) - System.nanoTime();
    }
  }

  private void turn() {
    gate.holds(slices.size());
    if (gate.handsBack()) {
      slices.abandon();
      call.sweep();
    } else if (!gate.isOpen()) {
      call.flush();
    }
    tend();
    List<Slice<T>> answered = slices.answered();
    int ask = ask(answered);
    long now = System.nanoTime();
    if (ask > 0 && (!answered.isEmpty() || sleeper.untilLook(now) <= 0)) {
      look(answered, ask);
    } else if (!answered.isEmpty()) {
      settle(answered);
    } else {
      signal.await(untilNext(now, ask));
    }
  }

  private void settle(List<Slice<T>> answered) {
    settler.settle(answered);
    forget();
    freed();
    outage.succeeded();
  }

  /** What waited for messages that are settled now may be had, by anybody. */
  private void freed() {
    if (slices.leavesSome(1, 0)) {
      sleeper.ringAll();
    }
  }

  private void look(List<Slice<T>> answered, int ask) {
    slices.learnOrdering();
    sleeper.looking();
    int settled = answered.stream().mapToInt(Slice::size).sum();
    Slice<T> slice = settler.settleAndClaim(answered, ask, slices.ordering());
    forget();
    outage.succeeded();
    if (slice != null) {
      slices.add(slice);
      hands.offer(slice);
    }
    int found = slice == null ? 0 : slice.size();
    slices.limited(settler.permit(), found > 0);
    appetite.limited(settler.permit());
    sleeper.looked(found, ask, settler.permit());
    if (slices.leavesSome(settled, found)) {
      sleeper.ringOthers();
    }
  }

  private int ask(List<Slice<T>> answered) {
    if (!gate.isOpen() || slices.isStrict() && slices.size() > answered.size()) {
      return 0;
    }
    slices.letGo(MOST_WAITING * options.fetch());
    int wanted = appetite.ask(slices.startable(), slices.waiting(), hands.idle());
    return wanted > 0 ? Math.min(wanted, call.room(slices.unanswered())) : 0;
  }

  /** Keeps leases and paces, and sends answers ahead that have waited long. */
  private void tend() {
    settler.keepPace(slices.all());
    for (Slice<T> slice : slices.all()) {
      long now = System.nanoTime();
      if (!slice.isAnswered() && settler.keepsLease(slice, now) && slice.shouldSettleAhead(now, slices.patience())) {
        settler.settleAhead(slice);
        freed();
      }
    }
    if (slices.takeFreed()) {
      freed();
    }
    forget();
  }

  /** Slices that are closed teach the appetite and go. */
  private void forget() {
    slices.forget(slice -> appetite.learn(slice.size(), slice.spent(), slice.payloadLength()));
  }

  private long untilNext(long now, int ask) {
    long wait = slices.untilNext(now, ask > 0 ? sleeper.untilLook(now) : call.untilRoom());
    return Math.clamp(wait, 0, LONGEST_WAIT);
  }

  private void finish(long by) {
    hands.stop();
    slices.abandon();
    call.sweep();
    drain(by);
    if (!slices.isEmpty()) {
      means.failures().interrupting();
      hands.interrupt();
      drain(System.nanoTime() + AFTER_INTERRUPT);
    }
    long until = System.nanoTime() + AFTER_INTERRUPT;
    while (!slices.isEmpty() && until - System.nanoTime() > 0) {
      pause(attempt(() -> {
        slices.all().forEach(settler::handBack);
        forget();
      }), until);
    }
    call.end();
    means.keeper().close();
    sleeper.ringOthers(); // they may have what this had
    gate.holds(slices.size());
    gate.set(ending.failure() == null ? WorkerState.CLOSED : WorkerState.FAILED);
    outage.close();
    sleeper.close();
    ending.tell();
  }

  /** Settles what is answered until nothing is left or the time is over. */
  private void drain(long until) {
    while (!slices.isEmpty() && until - System.nanoTime() > 0) {
      pause(attempt(() -> {
        tend();
        List<Slice<T>> answered = slices.answered();
        if (answered.isEmpty()) {
          long now = System.nanoTime();
          signal.await(Math.min(untilNext(now, 0), until - now));
        } else {
          settle(answered);
        }
      }), until);
    }
  }

  public void close(Duration grace) {
    if (!closing) {
      closeBy = System.nanoTime() + grace.toNanos();
      if (settlesOnClaim) {
        drain(grace); // nobody else has these messages any more
      }
      closing = true;
      signal.raise();
    }
    try {
      thread.join(grace.plus(AFTER_GRACE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
