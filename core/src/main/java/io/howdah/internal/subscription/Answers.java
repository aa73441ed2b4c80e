package io.howdah.internal.subscription;

import io.howdah.Delivery;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Outcome;
import io.howdah.Outcomes;
import java.util.List;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** In which order one call of a handler answers for its messages: it matters where an order is kept. */
final class Answers {

  private Answers() {
  }

  /**
   * The outcomes themselves.
   *
   * @throws HowdahException
   *           {@link ErrorCode#INVALID} if they name what is not among the deliveries
   */
  static @Nullable Outcomes fitting(List<? extends Delivery<?>> deliveries, @Nullable Outcomes outcomes) {
    if (outcomes == null || outcomes.named().isEmpty()) {
      return outcomes;
    }
    Set<Long> positions = deliveries.stream().map(Delivery::position).collect(Collectors.toSet());
    for (long named : outcomes.named().keySet()) {
      if (!positions.contains(named)) {
        throw new HowdahException(ErrorCode.INVALID, "the outcomes name position " + named
            + ", which is not in this batch; name its own deliveries only; nothing was settled");
      }
    }
    return outcomes;
  }

  /** The handler has seen all of them: last to first, so that none is taken for one that waits behind a failure. */
  static void handled(List<? extends Delivery<?>> deliveries, Outcomes outcomes, ObjIntConsumer<Outcome> answer) {
    for (int i = deliveries.size() - 1; i >= 0; i--) {
      answer.accept(of(outcomes, deliveries.get(i)), i);
    }
  }

  /**
   * The handler has failed as a whole: what comes back behind another message has had no part in it. What does not come
   * back is answered first.
   */
  static void failed(List<? extends Delivery<?>> deliveries, Outcomes failure, ObjIntConsumer<Outcome> answer) {
    for (int i = 0; i < deliveries.size(); i++) {
      Outcome outcome = of(failure, deliveries.get(i));
      if (outcome instanceof Outcome.Reject) {
        answer.accept(outcome, i);
      }
    }
    for (int i = 0; i < deliveries.size(); i++) {
      answer.accept(of(failure, deliveries.get(i)), i);
    }
  }

  private static Outcome of(Outcomes outcomes, Delivery<?> delivery) {
    Outcome outcome = outcomes.of(delivery.position());
    return outcome == null ? Outcome.release() : outcome;
  }
}
