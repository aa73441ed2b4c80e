package io.howdah.internal.subscription;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Ordering;
import io.howdah.WorkerOptions;
import io.howdah.internal.jdbc.Connections.Work;
import io.howdah.internal.subscription.SubscriptionFunctions.Exchange;
import io.howdah.internal.subscription.SubscriptionFunctions.Late;
import io.howdah.internal.subscription.SubscriptionFunctions.Request;
import io.howdah.internal.wakeup.Permit;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a worker's settlements and claims. Slices whose messages are all done
 * go together, and with the next claim: one round trip and one commit for a
 * whole turn. A slice with other outcomes needs a call of its own, which takes
 * the claim along if there is nothing else. After a failure the settlements go
 * first and alone, so that a claim that cannot work does not keep them from
 * being stored.
 */
final class Settler<T> {

  private static final Logger LOG = LoggerFactory.getLogger(Settler.class);
  /** Instead of a token: there is nothing to settle. */
  private static final String POPPED = "";
  private static final long LATE = Duration.ofMillis(12).toNanos();
  private static final long PACED = Duration.ofSeconds(10).toNanos();

  private final Inlet<T> inlet;
  private final WorkerOptions options;
  private final Counters counters;
  private final Call<T> call;
  private final boolean settlesOnClaim;
  private boolean apart;
  private Permit permit = Permit.FREE;
  /** Slices of which the database knows when they were started, or need not. */
  private final Set<Slice<T>> told = Collections.newSetFromMap(new WeakHashMap<>());
  /** When a claim last met a rate. */
  private long pacedAt = System.nanoTime() - PACED;

  /** A slice and what is being said about it. */
  private record Told<T>(Slice<T> slice, Part part) {
    Settlement settlement() {
      return part.settlement();
    }
  }

  Settler(Inlet<T> inlet, WorkerOptions options, Counters counters, Call<T> call, boolean settlesOnClaim) {
    this.inlet = inlet;
    this.options = options;
    this.counters = counters;
    this.call = call;
    this.settlesOnClaim = settlesOnClaim;
  }

  /** Settles slices that are answered and claims {@code quantity} messages: a slice, or null if there are none. */
  @Nullable
  Slice<T> settleAndClaim(List<Slice<T>> answered, int quantity, Ordering ordering) {
    long now = System.nanoTime();
    Claimed<T> claimed = exchange(answered, quantity);
    permit = claimed.permit();
    pacedAt = permit.paced() ? now : pacedAt;
    if (claimed.deliveries().isEmpty()) {
      return null;
    }
    Slice<T> slice = new Slice<>(Objects.requireNonNullElse(claimed.token(), POPPED), claimed, ordering, now,
        options.lease().toNanos());
    if (settlesOnClaim) {
      slice.setSettledOnClaim();
      counters.done.add(slice.size());
    }
    call.claimed(slice, System.nanoTime() - now);
    return slice;
  }

  private Claimed<T> exchange(List<Slice<T>> answered, int quantity) {
    if (apart) {
      settle(answered);
      apart = false;
    }
    Request request = new Request(inlet.subscription(), quantity, options.lease(), options.owner());
    List<Told<T>> done = new ArrayList<>();
    List<Told<T>> mixed = new ArrayList<>();
    sort(answered, done, mixed);
    if (done.isEmpty() && mixed.isEmpty()) {
      return claim(request);
    }
    if (done.isEmpty()) {
      Told<T> last = mixed.removeLast();
      mixed.forEach(this::settleOne);
      return exchange(List.of(last),
          c -> SubscriptionFunctions.settleAndClaim(c, last.settlement(), request, inlet.codec()));
    }
    mixed.forEach(this::settleOne);
    if (done.size() == 1) {
      String token = done.getFirst().slice().token();
      return exchange(done, c -> SubscriptionFunctions.doneAndClaim(c, token, request, inlet.codec()));
    }
    return exchange(done, c -> SubscriptionFunctions.settleAllAndClaim(c, tokens(done), request, inlet.codec()));
  }

  /** Settles slices that are answered. */
  void settle(List<Slice<T>> answered) {
    List<Told<T>> done = new ArrayList<>();
    List<Told<T>> mixed = new ArrayList<>();
    sort(answered, done, mixed);
    mixed.forEach(this::settleOne);
    if (!done.isEmpty()) {
      confirm(done, send(done, c -> SubscriptionFunctions.settleAll(c, tokens(done))));
    }
  }

  /** What limits said to the last claim. */
  Permit permit() {
    return permit;
  }

  /** Tells the database what was started so long after its claim that a rate has to know. */
  void keepPace(Collection<Slice<T>> slices) {
    if (System.nanoTime() - pacedAt > PACED) {
      return;
    }
    for (Slice<T> slice : slices) {
      if (slice.turns().unstarted() > 0 || !told.add(slice)) {
        continue;
      }
      long started = slice.turns().startedAt();
      Duration late = Duration.ofNanos(started - slice.claimedAt());
      if (late.toNanos() > LATE) {
        Late said = new Late(slice.size(), slice.keys(), late, Duration.ofNanos(System.nanoTime() - started));
        inlet.connections().call(c -> SubscriptionFunctions.startedLate(c, inlet.subscription(), said));
      }
    }
  }

  /** Settles the answers that there are; the slice stays open. */
  void settleAhead(Slice<T> slice) {
    settleOne(new Told<>(slice, slice.part()));
  }

  /** Settles the answers that there are and hands the rest back. */
  void handBack(Slice<T> slice) {
    if (slice.isSettled()) {
      slice.close();
      return;
    }
    settleOne(new Told<>(slice, slice.lastPart()));
  }

  private Claimed<T> claim(Request request) {
    return settlesOnClaim
        ? inlet.connections().commit("claiming for good", c -> SubscriptionFunctions.pop(c, request, inlet.codec()))
        : inlet.connections().call(c -> SubscriptionFunctions.claim(c, request, inlet.codec()));
  }

  private static <T> void sort(List<Slice<T>> answered, List<Told<T>> done, List<Told<T>> mixed) {
    for (Slice<T> slice : answered) {
      if (slice.isSettled()) {
        slice.close(); // by its hands, in their transactions
      } else if (!slice.isClosed()) {
        Told<T> told = new Told<>(slice, slice.part());
        (told.settlement().allDone() ? done : mixed).add(told);
      }
    }
  }

  private static <T> List<String> tokens(List<Told<T>> told) {
    return told.stream().map(each -> each.slice().token()).toList();
  }

  private void settleOne(Told<T> told) {
    confirm(List.of(told), send(List.of(told), c -> List.of(SubscriptionFunctions.settle(c, told.settlement()))));
  }

  private Claimed<T> exchange(List<Told<T>> told, Work<Exchange<T>> work) {
    Exchange<T> exchange;
    try {
      exchange = inlet.connections().call(work);
    } catch (HowdahException e) {
      failed(told, e, false);
      throw e;
    }
    confirm(told, exchange.answers());
    return exchange.claimed();
  }

  private List<String> send(List<Told<T>> told, Work<List<String>> work) {
    try {
      return inlet.connections().call(work);
    } catch (HowdahException e) {
      failed(told, e, true);
      throw e;
    }
  }

  /**
   * What cannot be settled for a reason that lies in itself is given up: its
   * lease will run out.
   */
  private void failed(List<Told<T>> told, HowdahException e, boolean alone) {
    apart = true;
    told.forEach(each -> each.slice().setUncertain());
    boolean lasting = switch (e.code()) {
      case NOT_FOUND, CONFLICT, INVALID, UNROUTABLE, UNDECODABLE, UNSUPPORTED, LAPSED, GONE, INTERNAL -> true;
      case UNAVAILABLE, SCHEMA_MISSING, SCHEMA_VERSION, DENIED, CLOSED, TIMEOUT, CONTENTION -> false;
    };
    if (alone && lasting) {
      LOG.warn("{} messages of {} cannot be settled and come back when their lease has run out: {}",
          told.stream().mapToInt(each -> each.slice().unsettled()).sum(), inlet.subscription(), e.getMessage());
      told.forEach(each -> lapse(each.slice()));
    }
  }

  private void confirm(List<Told<T>> told, List<String> answers) {
    if (answers.size() != told.size()) {
      throw new HowdahException(ErrorCode.INTERNAL,
          told.size() + " slices were settled but " + answers.size() + " answers came back");
    }
    for (int i = 0; i < answers.size(); i++) {
      Slice<T> slice = told.get(i).slice();
      if (answers.get(i).equals("lapsed")) {
        lapsed(slice);
      } else {
        confirmed(slice, told.get(i).part());
        if (told.get(i).part().closes()) {
          slice.close();
        }
      }
    }
  }

  private void confirmed(Slice<T> slice, Part part) {
    slice.settled(part);
    counters.settled(slice, part.covered());
    call.settled(slice, part.covered());
  }

  /** The database says that the slice is no longer ours. */
  void lapsed(Slice<T> slice) {
    if (!slice.isUncertain()) { // otherwise most likely our own settlement, whose answer was lost
      LOG.info("the lease of {} messages of {} had run out; they are delivered again", slice.unsettled(),
          inlet.subscription());
    }
    lapse(slice);
  }

  private void lapse(Slice<T> slice) {
    counters.lapsed.add(slice.unsettled());
    slice.abandon();
    slice.close();
    call.lapsed(slice);
  }

  /** Renews the lease if it is time; one that had run out ends the slice. Whether the slice goes on. */
  boolean keepsLease(Slice<T> slice, long now) {
    if (slice.untilRenewal(now) <= 0) {
      if (inlet.connections().call((Connection c) -> renew(c, slice))) {
        slice.renewed(now);
      } else if (!slice.isBeingSettled() && !slice.isAnswered()) {
        lapsed(slice);
      }
    }
    return !slice.isClosed();
  }

  private boolean renew(Connection connection, Slice<T> slice) throws SQLException {
    return SubscriptionFunctions.renew(connection, slice.token(), options.lease());
  }
}
