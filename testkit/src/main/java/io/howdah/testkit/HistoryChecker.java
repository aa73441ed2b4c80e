package io.howdah.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the broken promises in a history of one stream.
 *
 * <ul>
 * <li>lost: acknowledged, but not delivered to a subscription, or (once drained) not ended there;
 * <li>phantom: delivered, but never attempted or rolled back;
 * <li>duplicated: delivered again after it was done or rejected, or although its earlier token was neither voided, nor settled with retry or
 * release, nor settled with unknown outcome;
 * <li>reordered: published after another message of its key was acknowledged, and yet at a lower position; two messages at one position;
 * or, for an ordered reader, first delivered behind a higher position;
 * <li>settled twice: two outcomes that end it were accepted;
 * <li>unfenced: an outcome was accepted under a voided token after the message had been handed out under another.
 * </ul>
 */
public final class HistoryChecker {
  /** In what order first deliveries must come. */
  public enum Order {
    /** Any order: several consumers compete. */
    ANY,
    /** By position within each key. */
    KEY,
    /** By position. */
    STRICT
  }

  private final Set<String> subscriptions;
  private final Order order;
  private final boolean drained;

  private HistoryChecker(Set<String> subscriptions, Order order, boolean drained) {
    this.subscriptions = subscriptions;
    this.order = order;
    this.drained = drained;
  }

  /** A checker for these subscriptions: every acknowledged message must have reached each of them and ended there, in any order. */
  public static HistoryChecker of(String... subscriptions) {
    return new HistoryChecker(Set.of(subscriptions), Order.ANY, true);
  }

  /** The same with another order of deliveries. */
  public HistoryChecker withOrder(Order newOrder) {
    return new HistoryChecker(subscriptions, newOrder, drained);
  }

  /** The same for a history that was stopped before everything was consumed: nothing counts as lost. */
  public HistoryChecker whileRunning() {
    return new HistoryChecker(subscriptions, order, false);
  }

  /** Every violation, in order of discovery; empty if all promises were kept. */
  public List<Violation> check(History history) {
    return new Reading(this).read(history.events());
  }

  /** Throws an AssertionError that lists the first violations, if there are any. */
  public void assertKept(History history) {
    List<Violation> violations = check(history);
    if (!violations.isEmpty()) {
      throw new AssertionError("%d promises broken, first: %s".formatted(violations.size(),
          violations.subList(0, Math.min(10, violations.size()))));
    }
  }

  /** What is known of a message as a whole. */
  private static final class Publication {
    private final @Nullable String key;
    private final int attemptedAt;
    private int acknowledgedAt = Integer.MAX_VALUE;
    private long position = -1;

    Publication(@Nullable String key, int attemptedAt) {
      this.key = key;
      this.attemptedAt = attemptedAt;
    }
  }

  /** What is known of a message on one subscription. */
  private static final class Reception {
    private @Nullable String token;
    private boolean ended;
    private boolean maybeEnded;
  }

  /** One pass over one history. */
  private static final class Reading {
    private final HistoryChecker rules;
    private final Map<String, Publication> publications = new HashMap<>();
    private final Map<String, Map<String, Reception>> receptions = new HashMap<>();
    private final Map<String, Long> newest = new HashMap<>();
    private final Map<String, String> atPosition = new HashMap<>();
    private final Set<String> rolledBack = new HashSet<>();
    private final Set<String> excused = new HashSet<>();
    private final List<Violation> violations = new ArrayList<>();

    Reading(HistoryChecker rules) {
      this.rules = rules;
      rules.subscriptions.forEach(subscription -> receptions.put(subscription, new HashMap<>()));
    }

    List<Violation> read(List<History.Event> events) {
      events.forEach(this::collectExcuse);
      for (int i = 0; i < events.size(); i++) {
        switch (events.get(i)) {
          case History.Attempted e -> attempted(e, i);
          case History.Acknowledged e -> publication(e.message()).acknowledgedAt = i;
          case History.RolledBack e -> publication(e.message());
          case History.Delivered e -> delivered(e);
          case History.Settled e -> settled(e);
          case History.Unsettled e -> reception(e.subscription(), e.message()).maybeEnded = true;
          case History.Voided e -> {
            // collected above
          }
        }
      }
      checkPublishOrder();
      if (rules.drained) {
        checkLost();
      }
      return violations;
    }

    /**
     * Excuses count wherever they stand: the consumer that handed a message back may come to record it only after the next one was
     * handed it.
     */
    private void collectExcuse(History.Event event) {
      if (event instanceof History.Settled e && !ends(e)) {
        excused.add(excuse(e.subscription(), e.message(), e.token()));
      } else if (event instanceof History.Unsettled e) {
        excused.add(excuse(e.subscription(), e.message(), e.token()));
      } else if (event instanceof History.Voided e) {
        excused.add(e.token());
      } else if (event instanceof History.RolledBack e) {
        rolledBack.add(e.message());
      }
    }

    private static boolean ends(History.Settled e) {
      return e.outcome().equals("done") || e.outcome().equals("reject");
    }

    private static String excuse(String subscription, String message, String token) {
      return String.join("\n", subscription, message, token);
    }

    private boolean isExcused(History.Delivered e, String token) {
      return excused.contains(token) || excused.contains(excuse(e.subscription(), e.message(), token));
    }

    private void attempted(History.Attempted e, int at) {
      if (publications.putIfAbsent(e.message(), new Publication(e.key(), at)) != null) {
        throw new IllegalStateException(
            "each attempt needs a name of its own, but this one came twice: " + e.message());
      }
    }

    private Publication publication(String message) {
      Publication publication = publications.get(message);
      if (publication == null) {
        throw new IllegalStateException("the history answers a publish that it never attempted: " + message);
      }
      return publication;
    }

    private Reception reception(String subscription, String message) {
      return receptions.computeIfAbsent(subscription, name -> new HashMap<>()).computeIfAbsent(message,
          name -> new Reception());
    }

    private void delivered(History.Delivered e) {
      Publication publication = publications.get(e.message());
      if (publication == null || rolledBack.contains(e.message())) {
        add(Violation.Kind.PHANTOM, e.message(),
            publication == null ? "never published" : "its publish was rolled back");
        return;
      }
      Reception reception = reception(e.subscription(), e.message());
      String before = reception.token;
      if (reception.ended) {
        add(Violation.Kind.DUPLICATED, e.message(), "delivered again to " + e.subscription() + " after it was ended");
      } else if (before != null && !isExcused(e, before)) {
        add(Violation.Kind.DUPLICATED, e.message(),
            "delivered again to %s under %s while %s was in flight".formatted(e.subscription(), e.token(), before));
      }
      reception.token = e.token();
      if (before == null) {
        checkDeliveryOrder(e, publication);
      }
    }

    private void checkDeliveryOrder(History.Delivered e, Publication publication) {
      if (publication.position < 0) {
        publication.position = e.position();
      }
      String other = atPosition.putIfAbsent(e.subscription() + "\n" + e.position(), e.message());
      if (other != null) {
        add(Violation.Kind.REORDERED, e.message(), "has position %d, and so has %s".formatted(e.position(), other));
      }
      if (rules.order == Order.ANY || (rules.order == Order.KEY && publication.key == null)) {
        return;
      }
      String lane = e.subscription() + (rules.order == Order.KEY ? "\n" + publication.key : "");
      long before = newest.merge(lane, e.position(), Math::max);
      if (before > e.position()) {
        add(Violation.Kind.REORDERED, e.message(),
            "position %d was delivered to %s after position %d".formatted(e.position(), e.subscription(), before));
      }
    }

    private void settled(History.Settled e) {
      Reception reception = reception(e.subscription(), e.message());
      if (ends(e) && reception.ended) {
        add(Violation.Kind.SETTLED_TWICE, e.message(),
            "on %s, the second time under %s".formatted(e.subscription(), e.token()));
      }
      if (ends(e) && reception.token != null && !e.token().equals(reception.token) && excused.contains(e.token())) {
        add(Violation.Kind.UNFENCED, e.message(), "%s under %s was accepted on %s after it was handed out under %s"
            .formatted(e.outcome(), e.token(), e.subscription(), reception.token));
      }
      reception.ended |= ends(e);
    }

    /** Whoever was acknowledged before another of its key was attempted stands before it. Keys are few, their messages are many. */
    private void checkPublishOrder() {
      Map<String, List<Map.Entry<String, Publication>>> byKey = new HashMap<>();
      for (Map.Entry<String, Publication> entry : publications.entrySet()) {
        if (entry.getValue().key != null && entry.getValue().position >= 0) {
          byKey.computeIfAbsent(entry.getValue().key, key -> new ArrayList<>()).add(entry);
        }
      }
      byKey.values().forEach(this::checkPublishOrderOfKey);
    }

    private void checkPublishOrderOfKey(List<Map.Entry<String, Publication>> messages) {
      List<Map.Entry<String, Publication>> byAttempt = new ArrayList<>(messages);
      byAttempt.sort((a, b) -> Integer.compare(a.getValue().attemptedAt, b.getValue().attemptedAt));
      List<Map.Entry<String, Publication>> byAnswer = new ArrayList<>(messages);
      byAnswer.sort((a, b) -> Integer.compare(a.getValue().acknowledgedAt, b.getValue().acknowledgedAt));
      int answered = 0;
      Map.Entry<String, Publication> highest = null;
      for (Map.Entry<String, Publication> entry : byAttempt) {
        while (byAnswer.get(answered).getValue().acknowledgedAt < entry.getValue().attemptedAt) {
          Map.Entry<String, Publication> earlier = byAnswer.get(answered++);
          highest = highest == null || earlier.getValue().position > highest.getValue().position ? earlier : highest;
        }
        if (highest != null && highest.getValue().position > entry.getValue().position) {
          add(Violation.Kind.REORDERED, entry.getKey(),
              "has position %d, but %s, acknowledged before it was attempted, has %d"
                  .formatted(entry.getValue().position, highest.getKey(), highest.getValue().position));
        }
      }
    }

    private void checkLost() {
      publications.forEach((message, publication) -> {
        if (publication.acknowledgedAt == Integer.MAX_VALUE) {
          return;
        }
        for (String subscription : rules.subscriptions) {
          Reception reception = reception(subscription, message);
          if (reception.token == null) {
            add(Violation.Kind.LOST, message, "acknowledged, and never delivered to " + subscription);
          } else if (!reception.ended && !reception.maybeEnded) {
            add(Violation.Kind.LOST, message, "delivered to " + subscription + ", and never ended");
          }
        }
      });
    }

    private void add(Violation.Kind kind, String message, String what) {
      violations.add(new Violation(kind, message, what));
    }
  }
}
