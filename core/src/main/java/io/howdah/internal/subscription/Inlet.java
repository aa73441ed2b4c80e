package io.howdah.internal.subscription;

import io.howdah.Codec;
import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Outcomes;
import io.howdah.PeekedMessage;
import io.howdah.internal.jdbc.Connections;
import io.howdah.internal.jdbc.SqlErrors;
import io.howdah.internal.wakeup.Bell;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Claims from one subscription and settles, call by call. */
public final class Inlet<T> {

  private static final Duration POPPING = Duration.ofSeconds(30);

  private final String subscription;
  private final Codec<T> codec;
  private final Connections connections;
  private final Bell bell;

  public Inlet(String subscription, Codec<T> codec, Connections connections, Bell bell) {
    this.subscription = subscription;
    this.codec = codec;
    this.connections = connections;
    this.bell = bell;
  }

  public String subscription() {
    return subscription;
  }

  Codec<T> codec() {
    return codec;
  }

  Connections connections() {
    return connections;
  }

  public Claimed<T> claim(int quantity, Duration lease, String owner) {
    var request = new SubscriptionFunctions.Request(subscription, quantity, lease, owner);
    return connections.call(c -> SubscriptionFunctions.claim(c, request, codec));
  }

  /** Claims and settles at once: what is lost on the way is lost. */
  public Claimed<T> pop(int quantity, String owner) {
    var request = new SubscriptionFunctions.Request(subscription, quantity, POPPING, owner);
    return connections.commit("claiming for good", c -> SubscriptionFunctions.pop(c, request, codec));
  }

  public List<Delivery<T>> peek(int quantity, boolean inFlight) {
    return connections.call(c -> SubscriptionFunctions.peek(c, subscription, quantity, inFlight, codec)).deliveries();
  }

  /** Of every queue and subscription. */
  public static List<PeekedMessage> peekAll(Connections connections, int quantity, boolean inFlight) {
    return connections.callSlow(c -> SubscriptionFunctions.peekAll(c, quantity, inFlight));
  }

  Terms terms() {
    return connections.call(c -> Terms.read(c, subscription));
  }

  /** Whether the subscription is gone from the database of this identity, and it is that one that says so. */
  boolean isDropped(String database) {
    return connections.call(c -> Terms.isDropped(c, subscription, database));
  }

  public Optional<Instant> nextLapse() {
    return connections.call(c -> SubscriptionFunctions.nextLapse(c, subscription));
  }

  /** Settles; returns whether the slice is closed. */
  public boolean settle(String token, List<Delivery<T>> deliveries, Outcomes outcomes) {
    Settlement settlement = Settlement.of(token, deliveries, outcomes);
    return closed(connections.commit("settling", c -> SubscriptionFunctions.settle(c, settlement)));
  }

  /** The same in the caller's transaction. */
  public boolean settle(Connection caller, String token, List<Delivery<T>> deliveries, Outcomes outcomes) {
    try {
      return closed(SubscriptionFunctions.settle(caller, Settlement.of(token, deliveries, outcomes)));
    } catch (SQLException e) {
      throw SqlErrors.translate(e);
    }
  }

  public void renew(String token, Duration lease) {
    if (!connections.call(c -> SubscriptionFunctions.renew(c, token, lease))) {
      throw lapsed();
    }
  }

  /**
   * Returns false if the lease had run out, so that nothing was left to hand
   * back.
   */
  public boolean release(String token) {
    return connections.call(c -> SubscriptionFunctions.release(c, token));
  }

  /** What was claimed was settled or handed back: others may have permits now. */
  public void freed() {
    bell.freed(subscription, null);
  }

  /** The same in a transaction that may commit soon. */
  public void mayFree() {
    bell.maybeCommitted(subscription);
  }

  private boolean closed(String answer) {
    if (answer.equals("lapsed")) {
      throw lapsed();
    }
    return answer.equals("settled");
  }

  private HowdahException lapsed() {
    return new HowdahException(ErrorCode.LAPSED, "the lease of these messages of " + subscription
        + " has run out, or a transaction has settled them already; nothing was changed; what is not settled will be "
        + "delivered again; ask for a longer lease or renew it");
  }
}
