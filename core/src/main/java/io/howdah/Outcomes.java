package io.howdah;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a batch: some by name, and one for the rest.
 * {@code Outcomes.done().except(d, retry("busy"))}.
 *
 * @param rest
 *          of the deliveries that are not named; null leaves them open
 * @param named
 *          by position
 */
public record Outcomes(@Nullable Outcome rest, Map<Long, Outcome> named) {

  public Outcomes {
    named = Map.copyOf(named);
  }

  /** All are done. */
  public static Outcomes done() {
    return all(Outcome.done());
  }

  /** One outcome for all. */
  public static Outcomes all(Outcome outcome) {
    return new Outcomes(outcome, Map.of());
  }

  /**
   * No outcome yet; the deliveries that are not named by {@link #except} stay
   * open under their lease.
   */
  public static Outcomes open() {
    return new Outcomes(null, Map.of());
  }

  /** One outcome per delivery, in the same order. */
  public static <T> Outcomes each(List<Delivery<T>> deliveries, List<Outcome> outcomes) {
    if (deliveries.size() != outcomes.size()) {
      throw Limits.invalid("one outcome per delivery is needed: " + deliveries.size() + " deliveries but "
          + outcomes.size() + " outcomes");
    }
    Map<Long, Outcome> named = new LinkedHashMap<>();
    for (int i = 0; i < outcomes.size(); i++) {
      named.put(deliveries.get(i).position(), outcomes.get(i));
    }
    return new Outcomes(null, named);
  }

  /** These outcomes with another one for this delivery. */
  public Outcomes except(Delivery<?> delivery, Outcome outcome) {
    Map<Long, Outcome> more = new LinkedHashMap<>(named);
    more.put(delivery.position(), outcome);
    return new Outcomes(rest, more);
  }

  /** The outcome of a position, or null if it stays open. */
  public @Nullable Outcome of(long position) {
    return named.getOrDefault(position, rest);
  }
}
