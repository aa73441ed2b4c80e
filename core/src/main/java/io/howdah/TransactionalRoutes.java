package io.howdah;

import java.sql.Connection;
import java.util.List;
import java.util.Objects;

/**
 * {@link Routes} for transactional handlers: all that a message goes to write in one transaction, in which it is settled,
 * so modules that know nothing of each other are done with it together or not at all. The first answer that is neither
 * done nor archive is the answer, and commits with what was written until then, as that of a single handler does; an
 * exception rolls all of it back.
 */
public final class TransactionalRoutes<T> implements TransactionalHandler<T> {

  /** Handles payloads of one class; what it returns and throws means what it does for a {@link TransactionalHandler}. */
  @FunctionalInterface
  public interface TypedHandler<T, S extends T> {
    Outcome handle(S payload, Delivery<T> delivery, Connection transaction) throws Exception;
  }

  private final RoutingTable<T, TransactionalHandler<T>> table;

  private TransactionalRoutes(RoutingTable<T, TransactionalHandler<T>> table) {
    this.table = table;
  }

  /** A table with its first handler. */
  public static <T> TransactionalRoutes<T> on(List<String> patterns, TransactionalHandler<T> handler) {
    return TransactionalRoutes.<T>none().and(patterns, handler);
  }

  /** {@link #on(List, TransactionalHandler)} with one pattern. */
  public static <T> TransactionalRoutes<T> on(String pattern, TransactionalHandler<T> handler) {
    return on(List.of(pattern), handler);
  }

  /** A table for payloads of a class, for example a sealed interface, that is empty; {@link #andType} adds to it. */
  public static <T> TransactionalRoutes<T> of(Class<T> payloads) {
    Objects.requireNonNull(payloads, "payloads");
    return none();
  }

  private static <T> TransactionalRoutes<T> none() {
    return new TransactionalRoutes<>(
        RoutingTable.by(delivery -> List.of(), (delivery, transaction) -> RoutingTable.reject(delivery)));
  }

  /** With one handler more, for topics that match at least one of the patterns. */
  public TransactionalRoutes<T> and(List<String> patterns, TransactionalHandler<T> handler) {
    return new TransactionalRoutes<>(table.and(patterns, handler));
  }

  /** {@link #and(List, TransactionalHandler)} with one pattern. */
  public TransactionalRoutes<T> and(String pattern, TransactionalHandler<T> handler) {
    return and(List.of(pattern), handler);
  }

  /** With one handler more, for payloads of this class, its subclasses, or of what implements it. */
  public <S extends T> TransactionalRoutes<T> andType(Class<S> type, TypedHandler<T, S> handler) {
    Objects.requireNonNull(handler, "handler");
    return new TransactionalRoutes<>(table.andType(type,
        (delivery, transaction) -> handler.handle(type.cast(delivery.payload()), delivery, transaction)));
  }

  /** With another answer to messages that nobody handles: {@code Outcome.done()} drops them, counted. */
  public TransactionalRoutes<T> otherwise(TransactionalHandler<T> newOtherwise) {
    return new TransactionalRoutes<>(table.otherwise(newOtherwise));
  }

  /** How many messages nobody has handled. */
  public long unmatched() {
    return table.unmatched().sum();
  }

  @Override
  public Outcome handle(Delivery<T> delivery, Connection transaction) throws Exception {
    return table.handle(delivery, handler -> handler.handle(delivery, transaction));
  }
}
