package io.howdah.testkit;

import io.howdah.testkit.Reader.Reception;
import io.howdah.testkit.Violation.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One pass over one history; the rules stand in {@link HistoryChecker}. */
final class HistoryReading {
  private final HistoryChecker rules;
  private final Map<String, Publication> publications = new HashMap<>();
  private final Map<String, Reader> readers = new HashMap<>();
  private final Set<String> voidByNow = new HashSet<>();
  private final List<Violation> violations = new ArrayList<>();
  private Excuses excuses = new Excuses(List.of());

  HistoryReading(HistoryChecker rules) {
    this.rules = rules;
  }

  List<Violation> read(List<History.Event> events) {
    excuses = new Excuses(events);
    for (int i = 0; i < events.size(); i++) {
      read(events.get(i), i);
    }
    PublishOrder.check(publications.values(), (message, what) -> add(Kind.REORDERED, message, what));
    if (rules.isDrained()) {
      checkLost();
    }
    return violations;
  }

  private void read(History.Event event, int at) {
    switch (event) {
      case History.Attempted e -> attempted(e, at);
      case History.Acknowledged e -> publication(e.message()).acknowledge(at);
      case History.RolledBack e -> publication(e.message());
      case History.Timed e -> publication(e.message());
      case History.Placed e -> publication(e.message());
      case History.Claimed e -> checkClaim(e);
      case History.Delivered e -> delivered(e);
      case History.Settling e -> settling(e.token());
      case History.Settled e -> settled(e);
      case History.Unsettled e -> unsettled(e);
      case History.Voided e -> voidByNow.add(e.token());
    }
  }

  private void attempted(History.Attempted e, int at) {
    Publication publication = new Publication(e.message(), e.key(), at, excuses.position(e.message()));
    if (publications.putIfAbsent(e.message(), publication) != null) {
      throw new IllegalStateException("each attempt needs a name of its own, but this one came twice: " + e.message());
    }
  }

  private Publication publication(String message) {
    Publication publication = publications.get(message);
    if (publication == null) {
      throw new IllegalStateException("the history answers a publish that it never attempted: " + message);
    }
    return publication;
  }

  private static void checkClaim(History.Claimed e) {
    if (e.notAfter().isBefore(e.notBefore())) {
      throw new IllegalStateException("a claim cannot end before it began: " + e);
    }
  }

  private Reader reader(String subscription) {
    return readers.computeIfAbsent(subscription, name -> new Reader(rules.order()));
  }

  private void delivered(History.Delivered e) {
    Publication publication = publications.get(e.message());
    if (publication == null || excuses.isRolledBack(e.message())) {
      add(Kind.PHANTOM, e.message(), publication == null ? "never published" : "its publish was rolled back");
      return;
    }
    Reader reader = reader(e.subscription());
    Reception reception = reader.reception(e.message());
    boolean first = reception.token() == null;
    publication.place(e.position());
    checkAgain(e, reception);
    checkAttempt(e, reception);
    checkTime(e);
    reception.delivered(e.token(), publication.position());
    if (first && e.position() > 0) {
      String other = reader.at(e.position(), e.message());
      if (other != null) {
        add(Kind.REORDERED, e.message(), "has position %d, and so has %s".formatted(e.position(), other));
      }
    }
    Lane lane = reader.lane(publication.key());
    if (lane != null) {
      checkOrder(e, reception.position(), lane, first);
      reader.takes(e.token(), lane);
    }
  }

  private void checkAgain(History.Delivered e, Reception reception) {
    String before = reception.token();
    if (reception.isEnded()) {
      add(Kind.DUPLICATED, e.message(), "delivered again to " + e.subscription() + " after it was ended");
    } else if (before != null && !excuses.excuse(e.subscription(), e.message(), before)) {
      add(Kind.DUPLICATED, e.message(),
          "delivered again to %s under %s while %s was in flight".formatted(e.subscription(), e.token(), before));
    }
  }

  private void checkAttempt(History.Delivered e, Reception reception) {
    if (e.attempt() == 0) {
      return;
    }
    if (e.attempt() < reception.fewestAttempts()) {
      add(Kind.MISCOUNTED, e.message(), "delivered to %s as attempt %d, and the retries before make it at least %d"
          .formatted(e.subscription(), e.attempt(), reception.fewestAttempts()));
    } else if (rules.seesAllClaims() && e.attempt() > reception.mostAttempts()) {
      add(Kind.MISCOUNTED, e.message(), "delivered to %s as attempt %d, and the deliveries before make it at most %d"
          .formatted(e.subscription(), e.attempt(), reception.mostAttempts()));
    }
  }

  /** Only what is surely too early or too late: both times are known within bounds. */
  private void checkTime(History.Delivered e) {
    History.Timed times = excuses.times(e.message());
    History.Claimed claim = excuses.claim(e.token());
    if (times == null || claim == null) {
      return;
    }
    Instant due = times.notBefore();
    if (due != null && claim.notAfter().isBefore(due)) {
      add(Kind.EARLY, e.message(),
          "delivered to %s by %s, before it was due at %s".formatted(e.subscription(), claim.notAfter(), due));
    }
    Instant end = times.notAfter();
    if (end != null && claim.notBefore().isAfter(end)) {
      add(Kind.EXPIRED, e.message(),
          "delivered to %s after %s, and it had expired at %s".formatted(e.subscription(), claim.notBefore(), end));
    }
  }

  private void checkOrder(History.Delivered e, long position, Lane lane, boolean first) {
    String other = lane.otherInFlight(e.message(), e.token(), voidByNow::contains);
    if (other != null) {
      add(Kind.OVERLAPPED, e.message(),
          "delivered to %s under %s while %s".formatted(e.subscription(), e.token(), other));
    }
    lane.delivered(e.message(), e.token());
    if (position == 0) {
      return;
    }
    long before = lane.pass(position);
    String open = lane.openBefore(position, e.token());
    if (first && before > position) {
      add(Kind.REORDERED, e.message(),
          "position %d was delivered to %s after position %d".formatted(position, e.subscription(), before));
    } else if (open != null) {
      add(Kind.REORDERED, e.message(),
          "delivered to %s, but %s, which is before it, has not ended".formatted(e.subscription(), open));
    }
    if (!excuses.mayExpire(e.message())) {
      lane.opened(e.message(), position);
    }
  }

  private void settling(String token) {
    readers.forEach((subscription, reader) -> {
      for (Lane lane : reader.leave(token)) {
        for (String message : lane.settling(token)) {
          Reception reception = reader.reception(message);
          if (token.equals(reception.token()) && !excuses.isReturned(subscription, message, token)) {
            lane.ended(reception.position());
          }
        }
      }
    });
  }

  private void settled(History.Settled e) {
    Reader reader = reader(e.subscription());
    Reception reception = reader.reception(e.message());
    String holder = reception.token();
    if (Excuses.ends(e)) {
      if (reception.isEnded()) {
        add(Kind.SETTLED_TWICE, e.message(), "on %s, the second time under %s".formatted(e.subscription(), e.token()));
      }
      if (holder != null && !e.token().equals(holder) && excuses.isVoided(e.token())) {
        add(Kind.UNFENCED, e.message(), "%s under %s was accepted on %s after it was handed out under %s"
            .formatted(e.outcome(), e.token(), e.subscription(), holder));
      }
    }
    reception.settled(e.outcome());
    Lane lane = laneOf(reader, e.message());
    if (lane != null) {
      lane.settled(e.message(), e.token());
      if (Excuses.ends(e)) {
        lane.ended(reception.position());
      }
    }
  }

  private void unsettled(History.Unsettled e) {
    Reader reader = reader(e.subscription());
    Reception reception = reader.reception(e.message());
    reception.unsettled();
    Lane lane = laneOf(reader, e.message());
    if (lane != null) {
      lane.settled(e.message(), e.token());
      lane.ended(reception.position());
    }
  }

  private @Nullable Lane laneOf(Reader reader, String message) {
    Publication publication = publications.get(message);
    return publication == null ? null : reader.lane(publication.key());
  }

  private void checkLost() {
    for (Publication publication : publications.values()) {
      if (!publication.isAcknowledged() || excuses.mayExpire(publication.message())) {
        continue;
      }
      for (String subscription : rules.subscriptions()) {
        Reception reception = reader(subscription).reception(publication.message());
        if (reception.token() == null) {
          add(Kind.LOST, publication.message(), "acknowledged, and never delivered to " + subscription);
        } else if (!reception.mayHaveEnded()) {
          add(Kind.LOST, publication.message(), "delivered to " + subscription + ", and never ended");
        }
      }
    }
  }

  private void add(Kind kind, String message, String what) {
    violations.add(new Violation(kind, message, what));
  }
}
