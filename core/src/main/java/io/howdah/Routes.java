package io.howdah;

import java.util.List;
import java.util.Objects;

/**
 * A handler that hands each message to other handlers: to all whose patterns match its topic, or whose class its payload has, one after the other in the
 * order of the table, or to those that a {@link Router} of your own names. The message is done when all of them are, and
 * kept ({@link Outcome#archive()}) if one of them answers so; the first other answer, or exception, ends its handling and
 * is the answer. A message that nobody handles is counted, and
 * goes to {@link #otherwise}; by default it becomes a dead letter, so it is never lost silently. Immutable and safe for
 * several threads; the count of unmatched messages is shared by all that were made from each other.
 * {@link TransactionalRoutes} does the same in one transaction.
 */
public final class Routes<T> implements Handler<T> {

  /** Names the handlers of a message; none if nobody handles it. Called by several threads at a time. */
  @FunctionalInterface
  public interface Router<T> {
    List<Handler<T>> route(Delivery<T> delivery) throws Exception;
  }

  /** Handles payloads of one class; what it returns and throws means what it does for a {@link Handler}. */
  @FunctionalInterface
  public interface TypedHandler<T, S extends T> {
    Outcome handle(S payload, Delivery<T> delivery) throws Exception;
  }

  private final RoutingTable<T, Handler<T>> table;

  private Routes(RoutingTable<T, Handler<T>> table) {
    this.table = table;
  }

  /** A table with its first handler. */
  public static <T> Routes<T> on(List<String> patterns, Handler<T> handler) {
    return Routes.<T>by(delivery -> List.of()).and(patterns, handler);
  }

  /** {@link #on(List, Handler)} with one pattern. */
  public static <T> Routes<T> on(String pattern, Handler<T> handler) {
    return on(List.of(pattern), handler);
  }

  /** A table for payloads of a class, for example a sealed interface, that is empty; {@link #andType} adds to it. */
  public static <T> Routes<T> of(Class<T> payloads) {
    Objects.requireNonNull(payloads, "payloads");
    return by(delivery -> List.of());
  }

  /** Routes by a function of your own. */
  public static <T> Routes<T> by(Router<T> router) {
    return new Routes<>(RoutingTable.by(Objects.requireNonNull(router, "router")::route, RoutingTable::reject));
  }

  /** With one handler more, for topics that match at least one of the patterns. */
  public Routes<T> and(List<String> patterns, Handler<T> handler) {
    return new Routes<>(table.and(patterns, handler));
  }

  /** {@link #and(List, Handler)} with one pattern. */
  public Routes<T> and(String pattern, Handler<T> handler) {
    return and(List.of(pattern), handler);
  }

  /** With one handler more, for payloads of this class, its subclasses, or of what implements it. */
  public <S extends T> Routes<T> andType(Class<S> type, TypedHandler<T, S> handler) {
    Objects.requireNonNull(handler, "handler");
    return new Routes<>(table.andType(type, delivery -> handler.handle(type.cast(delivery.payload()), delivery)));
  }

  /** With another answer to messages that nobody handles: {@code Outcome.done()} drops them, counted. */
  public Routes<T> otherwise(Handler<T> newOtherwise) {
    return new Routes<>(table.otherwise(newOtherwise));
  }

  /** How many messages nobody has handled. */
  public long unmatched() {
    return table.unmatched().sum();
  }

  @Override
  public Outcome handle(Delivery<T> delivery) throws Exception {
    return table.handle(delivery, handler -> handler.handle(delivery));
  }
}
