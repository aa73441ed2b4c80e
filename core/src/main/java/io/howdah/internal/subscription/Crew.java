package io.howdah.internal.subscription;

import io.howdah.internal.failure.ErrorText;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that take a piece of work, do it, and come back for the next. One that
 * is lost to a handler that never ends gives its place to another, and its work
 * counts as over.
 */
public final class Crew<W> {

  /** What the threads do. */
  public interface Duty<W> {

    /** Waits for a piece of work; null ends the thread. */
    @Nullable
    W take();

    void handle(W work, Hand hand);

    /** Handling has thrown something that nobody has foreseen; what is not answered comes back. */
    void failed(W work);

    /** The thread has come back, or is lost; called once for each piece of work. */
    void over(W work);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Crew.class);

  private final String name;
  private final Duty<W> duty;
  private final TimeKeeper keeper;
  private final Set<Hand> hands = ConcurrentHashMap.newKeySet();
  private final AtomicInteger started = new AtomicInteger();
  private volatile boolean interrupted;

  public Crew(String name, Duty<W> duty, TimeKeeper keeper) {
    this.name = name;
    this.duty = duty;
    this.keeper = keeper;
  }

  /** Starts so many threads. */
  public void start(int count) {
    for (int i = 0; i < count; i++) {
      Thread.ofVirtual().name("howdah-" + name + "-" + started.getAndIncrement()).start(this::run);
    }
  }

  /** What a thread is at, for those who may have to replace it. */
  private final class Place {

    private volatile @Nullable W work;

    void giveAway() {
      LOG.warn("{} did not end when its time was over; it is left alone and another thread works on", name);
      W lost = work;
      if (lost != null) {
        duty.over(lost);
      }
      start(1);
    }
  }

  private void run() {
    Place place = new Place();
    Hand hand = new Hand(keeper, place::giveAway);
    hands.add(hand);
    for (W work = duty.take(); work != null; work = duty.take()) {
      place.work = work;
      handle(work, hand);
      if (hand.isReplaced()) {
        break;
      }
      if (!interrupted) {
        Thread.interrupted(); // a handler that has interrupted itself must not do so to the next one
      }
      duty.over(work);
    }
    keeper.forget(hand);
    hands.remove(hand);
  }

  /** Whatever happens, the thread comes back for more: a worker that has lost its threads would look as if it ran. */
  private void handle(W work, Hand hand) {
    try {
      duty.handle(work, hand);
    } catch (Throwable e) {
      LOG.error("{} met a defect; its messages come back when their lease has run out", name, ErrorText.readable(e));
      hand.end();
      duty.failed(work);
    }
  }

  /** Tells handlers that run to come to an end. */
  public void interrupt() {
    interrupted = true;
    List.copyOf(hands).forEach(hand -> Thread.ofVirtual().name("howdah-stop").start(hand::stop));
  }
}
