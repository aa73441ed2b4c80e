package io.howdah;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * A handler that hands each message to other handlers: to all whose patterns match its topic, or whose class its payload has, one after the other in the
 * order of the table, or to those that a {@link Router} of your own names. The message is done when all of them are; the
 * first other answer, or exception, ends its handling and is the answer. A message that nobody handles is counted, and
 * goes to {@link #otherwise}; by default it becomes a dead letter, so it is never lost silently. Immutable and safe for
 * several threads; the count of unmatched messages is shared by all that were made from each other.
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

  private record Entry<T>(Predicate<Delivery<T>> condition, Handler<T> handler) {
  }

  private final List<Entry<T>> table;
  private final Router<T> router;
  private final Handler<T> otherwise;
  private final LongAdder unmatched;

  private Routes(List<Entry<T>> table, Router<T> router, Handler<T> otherwise, LongAdder unmatched) {
    this.table = table;
    this.router = router;
    this.otherwise = otherwise;
    this.unmatched = unmatched;
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
    return new Routes<>(List.of(), Objects.requireNonNull(router, "router"), Routes::reject, new LongAdder());
  }

  private static Outcome reject(Delivery<?> delivery) {
    return Outcome.reject("no handler for topic " + delivery.topic());
  }

  /** With one handler more, for topics that match at least one of the patterns. */
  public Routes<T> and(List<String> patterns, Handler<T> handler) {
    if (patterns.isEmpty()) {
      throw Limits.invalid("a handler needs at least one pattern; # takes everything");
    }
    List<TopicPattern> parsed = patterns.stream().map(TopicPattern::of).toList();
    return and(new Entry<>(delivery -> parsed.stream().anyMatch(pattern -> pattern.matches(delivery.topic())),
        Objects.requireNonNull(handler, "handler")));
  }

  /** With one handler more, for payloads of this class, its subclasses, or of what implements it. */
  public <S extends T> Routes<T> andType(Class<S> type, TypedHandler<T, S> handler) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(handler, "handler");
    return and(new Entry<>(delivery -> type.isInstance(delivery.payload()),
        delivery -> handler.handle(type.cast(delivery.payload()), delivery)));
  }

  private Routes<T> and(Entry<T> entry) {
    List<Entry<T>> longer = new ArrayList<>(table);
    longer.add(entry);
    return new Routes<>(List.copyOf(longer), router, otherwise, unmatched);
  }

  /** {@link #and(List, Handler)} with one pattern. */
  public Routes<T> and(String pattern, Handler<T> handler) {
    return and(List.of(pattern), handler);
  }

  /** With another answer to messages that nobody handles: {@code Outcome.done()} drops them, counted. */
  public Routes<T> otherwise(Handler<T> newOtherwise) {
    return new Routes<>(table, router, Objects.requireNonNull(newOtherwise, "otherwise"), unmatched);
  }

  /** How many messages nobody has handled. */
  public long unmatched() {
    return unmatched.sum();
  }

  @Override
  public Outcome handle(Delivery<T> delivery) throws Exception {
    List<Handler<T>> handlers = new ArrayList<>(router.route(delivery));
    table.stream().filter(entry -> entry.condition().test(delivery)).map(Entry::handler).forEach(handlers::add);
    if (handlers.isEmpty()) {
      unmatched.increment();
      return otherwise.handle(delivery);
    }
    Outcome answer = Outcome.done();
    for (Handler<T> handler : handlers) {
      answer = handler.handle(delivery);
      if (!(answer instanceof Outcome.Done)) {
        return answer;
      }
    }
    return answer;
  }
}
