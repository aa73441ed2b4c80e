package io.howdah;

import io.howdah.internal.binding.BindingFunctions;
import java.sql.Connection;
import java.util.Collection;
import java.util.List;

/**
 * Which topics of its stream a subscription or queue takes: the patterns that it is bound by. Without any it takes
 * everything. A change may be made at any time: what has been committed keeps the patterns of then, what commits after the
 * change has the new ones. Grammar: {@link TopicPattern}. Safe for several threads. Errors:
 * {@link ErrorCode#NOT_FOUND}, {@link ErrorCode#INVALID} for what is no pattern.
 */
public final class Bindings {

  private final String subscription;
  private final BindingFunctions functions;

  Bindings(String subscription, BindingFunctions functions) {
    this.subscription = subscription;
    this.functions = functions;
  }

  /** The same verbs in the caller's transaction, which has to be READ COMMITTED; keep it short: claims wait for it. */
  public Bindings in(Connection connection) {
    return new Bindings(subscription, BindingFunctions.in(connection));
  }

  /** Adds a pattern; false if it is there. The first one ends that everything is taken. */
  public boolean add(String pattern) {
    return functions.bind(subscription, TopicPattern.of(pattern).text());
  }

  /** Removes a pattern; false if it is not there. Without the last one nothing is taken any more. */
  public boolean remove(String pattern) {
    return functions.unbind(subscription, TopicPattern.of(pattern).text());
  }

  /** Replaces all patterns, at most 1,000; none: nothing is taken. False if nothing changes. */
  public boolean set(Collection<String> patterns) {
    patterns.forEach(TopicPattern::of);
    return functions.set(subscription, patterns);
  }

  /** Takes everything from now on, as without bindings; false if nothing changes. */
  public boolean takeEverything() {
    return functions.set(subscription, null);
  }

  /** The patterns, sorted. */
  public List<String> list() {
    return functions.list(subscription);
  }
}
