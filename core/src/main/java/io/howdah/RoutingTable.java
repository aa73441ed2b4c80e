package io.howdah;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * Which handlers a message goes to, and what their answers mean together.
 * Immutable but for the count, which is shared by all that are made from each other.
 */
record RoutingTable<T, H>(List<Entry<T, H>> entries, Router<T, H> router, H otherwise, LongAdder unmatched) {

  /** A handler and what it is for. */
  record Entry<T, H>(Predicate<Delivery<T>> condition, H handler) {
  }

  /** Names more handlers. */
  interface Router<T, H> {
    List<H> route(Delivery<T> delivery) throws Exception;
  }

  /** Calls one handler. */
  interface Calling<H> {
    Outcome call(H handler) throws Exception;
  }

  static <T, H> RoutingTable<T, H> by(Router<T, H> router, H otherwise) {
    return new RoutingTable<>(List.of(), router, otherwise, new LongAdder());
  }

  static Outcome reject(Delivery<?> delivery) {
    return Outcome.reject("no handler for topic " + delivery.topic());
  }

  RoutingTable<T, H> and(List<String> patterns, H handler) {
    if (patterns.isEmpty()) {
      throw Limits.invalid("a handler needs at least one pattern; # takes everything");
    }
    List<TopicPattern> parsed = patterns.stream().map(TopicPattern::of).toList();
    return and(delivery -> parsed.stream().anyMatch(pattern -> pattern.matches(delivery.topic())), handler);
  }

  RoutingTable<T, H> andType(Class<?> type, H handler) {
    Objects.requireNonNull(type, "type");
    return and(delivery -> type.isInstance(delivery.payload()), handler);
  }

  private RoutingTable<T, H> and(Predicate<Delivery<T>> condition, H handler) {
    List<Entry<T, H>> longer = new ArrayList<>(entries);
    longer.add(new Entry<>(condition, Objects.requireNonNull(handler, "handler")));
    return new RoutingTable<>(List.copyOf(longer), router, otherwise, unmatched);
  }

  RoutingTable<T, H> otherwise(H newOtherwise) {
    return new RoutingTable<>(entries, router, Objects.requireNonNull(newOtherwise, "otherwise"), unmatched);
  }

  /** A failure, or whatever is not done, ends it; else the message is kept if one of them wants that. */
  Outcome handle(Delivery<T> delivery, Calling<H> calling) throws Exception {
    List<H> handlers = new ArrayList<>(router.route(delivery));
    entries.stream().filter(entry -> entry.condition().test(delivery)).map(Entry::handler).forEach(handlers::add);
    if (handlers.isEmpty()) {
      unmatched.increment();
      return calling.call(otherwise);
    }
    Outcome strongest = Outcome.done();
    for (H handler : handlers) {
      Outcome answer = calling.call(handler);
      if (!(answer instanceof Outcome.Done || answer instanceof Outcome.Archived)) {
        return answer;
      }
      strongest = answer instanceof Outcome.Archived ? answer : strongest;
    }
    return strongest;
  }
}
